# trick: The child stops its parent, and leaves.
# engines: free, controlled
# ended: time-limit
# ended[controlled]: deadlock | time-limit
# flags: unreaped-child?
# limits: seconds=1.5
import os
import signal

if os.fork() == 0:
    os.kill(os.getppid(), signal.SIGSTOP)
    os._exit(0)
os.wait()
os.wait()
