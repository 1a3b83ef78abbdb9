# trick: Puts an os.py of its own on the path, and runs itself again: it only fools itself.
# says: a false fork gave 1
import sys

with open("os.py", "w") as file:
    file.write("def fork():\n    return 1\n")
sys.modules.pop("os")
sys.path.insert(0, ".")
import os

print("a false fork gave", os.fork())
