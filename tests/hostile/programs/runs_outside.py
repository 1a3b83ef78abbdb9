# trick: Runs a program that lies outside, as a child and in its own place.
# flags: refused
# says: held
# needs: files
import os
import sys

tool = os.path.join(sys.argv[1], "tool")
try:
    os.execv(tool, [tool])
except OSError as error:
    print("held:", error.strerror)
