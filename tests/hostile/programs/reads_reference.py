# trick: Looks for the reference solution and the checks, and reads them.
# flags: refused
# says: held
# needs: files
import os
import sys

found = [os.path.join(sys.argv[1] if len(sys.argv) > 1 else "/", "reference.py")]
for folder in sys.path:
    for name in ("grader", "reference", "assignments", "grader/_bundled/reference"):
        found.append(os.path.join(folder, name, "fig18_03.py"))
        found.append(os.path.join(folder, name, "fig18_03/test_fig18_03.py"))
for path in found:
    try:
        with open(path) as file:
            print("REACHED", file.read())
    except OSError as error:
        if path == found[0]:
            print("held:", error.strerror)
try:
    import grader
    print("REACHED", grader)
except ImportError as error:
    print("held:", error)
