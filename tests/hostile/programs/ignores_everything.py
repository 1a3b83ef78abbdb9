# trick: It and its child ignore, block and handle every signal that can be.
# ended: time-limit
# ended[controlled]: virtual-time-limit | time-limit
# limits: seconds=1.5
# limits[controlled]: virtual_seconds=100000, seconds=20
import os
import signal
import time

for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
    signal.signal(number, signal.SIG_IGN)
os.fork()
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
while True:
    time.sleep(10_000)
