"""What holds for all tests."""

import os

from hypothesis import settings

# How long an example takes says nothing on a computer that others use, too. Where CI runs, the
# same examples are tried each time: what fails there fails here.
settings.register_profile("grader", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("grader")
