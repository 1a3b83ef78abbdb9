# trick: Two processes send each other signals for ever.
# ended: event-limit | cpu-limit
# ended[controlled]: step-limit | event-limit | cpu-limit
# ended[sampled]: cpu-limit | time-limit
# limits: cpu_seconds=2, events=1000, seconds=10
# limits[sampled]: seconds=3
import os
import signal


def answer(number, frame):
    os.kill(other, signal.SIGUSR1)


signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
parent = os.getpid()
other = os.fork() or parent
signal.signal(signal.SIGUSR1, answer)
os.kill(other, signal.SIGUSR1)
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
while True:
    signal.pause()
