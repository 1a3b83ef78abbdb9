# trick: Says where and how another process may run, and with which class of input and output.
# flags: refused
# says: ^over
import ctypes
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)
sleeper = int(sys.argv[2])
for pid in (sleeper, os.getppid()):
    for attempt in (
        lambda: os.sched_setaffinity(pid, {min(os.sched_getaffinity(0))}),
        lambda: os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0)),
    ):
        try:
            attempt()
            print("REACHED", pid)
        except OSError as error:
            print("held:", error.strerror)
SYS_ioprio_set = {"x86_64": 251, "aarch64": 30}[os.uname().machine]
if libc.syscall(SYS_ioprio_set, 1, sleeper, 3 << 13) == 0:  # IOPRIO_CLASS_IDLE
    print("REACHED ioprio", sleeper)
print("over")
