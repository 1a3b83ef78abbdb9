# trick: Moves others into its process group, and takes the terminal for them.
# says: ^over
# flags: refused?
import os
import sys

for pid in (int(sys.argv[2]), os.getppid(), int(sys.argv[4])):
    try:
        os.setpgid(pid, os.getpgid(0))
        print("REACHED", pid)
    except OSError as error:
        print("held:", error.strerror)
print("over")
