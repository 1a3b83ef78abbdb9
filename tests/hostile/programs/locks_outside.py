# trick: Locks a file of others, so that they wait for ever.
# flags: refused
# says: held
# needs: files
import fcntl
import os
import sys

try:
    file = os.open(os.path.join(sys.argv[1], "diary.txt"), os.O_RDONLY)
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    print("REACHED a lock")
except OSError as error:
    print("held:", error.strerror)
