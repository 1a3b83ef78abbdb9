# trick: Asks for ever whether its child has ended, which waits for it to stop asking.
# ended: event-limit | cpu-limit
# ended[controlled]: step-limit | event-limit | cpu-limit | deadlock
# ended[sampled]: cpu-limit | time-limit
# limits: cpu_seconds=1
import os
import signal

child = os.fork()
if child == 0:
    signal.pause()
while True:
    os.waitpid(child, os.WNOHANG)
