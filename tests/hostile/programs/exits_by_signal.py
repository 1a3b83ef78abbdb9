# trick: Has its output printed, and ends through a signal.
# exit: SIGKILL
# says: all is well
import os
import signal

print("all is well", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
