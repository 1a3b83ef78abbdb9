"""Waiting for particular children. README.md says what to write, and how it is judged."""

import os
import random
import sys
import time

# 1. Make three children, before the parent waits for any.


# 2. Each child chooses an exit code, prints its lines, sleeps, and ends with that exit code.


# 3. The parent prints its lines.


# 4. The parent waits for the first child, then for the second, then for the third, and says how
#    each one ended.
