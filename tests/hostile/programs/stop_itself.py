# trick: Stops itself.
# ended: time-limit
# ended[controlled]: deadlock | time-limit
# limits: seconds=1.5
import os
import signal

os.kill(os.getpid(), signal.SIGSTOP)
print("REACHED the line after the stop")
