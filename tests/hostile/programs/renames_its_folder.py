# trick: Moves its own folder away and puts a link in its place, for whoever cleans up.
# flags: refused
# says: held
# needs: files
import os
import sys

here = os.getcwd()
for way in (
    lambda: os.rename(here, here + "-hostile-leftover"),
    lambda: os.rename(here, os.path.join(sys.argv[1], "hostile-leftover")),
    lambda: os.rmdir(here),
):
    try:
        way()
        print("REACHED", here)
        os.symlink(sys.argv[1], here)
    except OSError as error:
        print("held:", error.strerror)
