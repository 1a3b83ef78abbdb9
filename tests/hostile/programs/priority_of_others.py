# trick: Slows down every process of its user, and one by its number.
# flags: refused
# says: ^over
import os
import sys

for which, who in (
    (os.PRIO_USER, 0),
    (os.PRIO_USER, os.getuid()),
    (os.PRIO_PROCESS, int(sys.argv[2])),
    (os.PRIO_PROCESS, os.getppid()),
    (os.PRIO_PGRP, os.getpgid(os.getppid())),
):
    try:
        os.setpriority(which, who, 19)
    except OSError as error:
        print("held:", error.strerror)
print("over")
