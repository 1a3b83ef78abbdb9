# trick: Reads the grader's variables: its own, and those of its parent.
# flags: refused
# says: held
# needs: files
import os

for name, value in os.environ.items():
    print(name, value)
try:
    with open(f"/proc/{os.getppid()}/environ") as file:
        print("REACHED", file.read())
except OSError as error:
    print("held:", error.strerror)
