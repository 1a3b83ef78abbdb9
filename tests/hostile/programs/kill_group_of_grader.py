# trick: Joins the process group of the grader, so that a signal to its own group is one to the grader.
# flags: refused
# says: done
# needs: signals
# why: joining is allowed within a session; what then goes to the group is not (where nobody
#    traces, the kernel lets it reach the program's own processes, and says 0)
import os
import signal

signal.signal(signal.SIGTERM, signal.SIG_IGN)
try:
    os.setpgid(0, os.getpgid(os.getppid()))
    os.kill(0, signal.SIGTERM)
except OSError as error:
    print("held:", error)
print("done")
