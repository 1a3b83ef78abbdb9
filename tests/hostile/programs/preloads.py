# trick: Runs the interpreter again with variables that load other code into it.
# says: ran
import os
import sys

with open("poison.py", "w") as file:
    file.write("print('poisoned itself')\n")
variables = {
    "LD_PRELOAD": "./poison.so:libm.so.6",
    "LD_LIBRARY_PATH": ".",
    "PYTHONPATH": ".",
    "PYTHONSTARTUP": "poison.py",
    "PYTHONHOME": "",
}
os.execve(sys.executable, [sys.executable, "-c", "import poison; print('ran')"], variables)
