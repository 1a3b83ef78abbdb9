# trick: The child stops its parent, and leaves.
# ended: time-limit
# ended[controlled]: deadlock | time-limit
# flags: unreaped-child?
# limits: seconds=2
import os
import signal

if os.fork() == 0:
    os.kill(os.getppid(), signal.SIGSTOP)
    os._exit(0)
os.wait()
os.wait()
