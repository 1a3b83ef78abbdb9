# trick: An interval timer that rings for ever, and does nothing else.
# engines: free, controlled
# ended: time-limit | event-limit | cpu-limit
# ended[controlled]: step-limit | event-limit | virtual-time-limit | time-limit | cpu-limit
# limits: seconds=1.5
import signal

signal.signal(signal.SIGALRM, lambda number, frame: None)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
while True:
    signal.pause()
