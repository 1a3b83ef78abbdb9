# trick: Puts an os.py of its own in the place of the real one: it only fools itself.
# says: a false fork gave 1
import importlib.util
import sys

with open("os.py", "w") as file:
    file.write("def fork():\n    return 1\n")
sys.path.insert(0, ".")
spec = importlib.util.spec_from_file_location("os", "os.py")
sys.modules["os"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["os"])

import os

print("a false fork gave", os.fork())
