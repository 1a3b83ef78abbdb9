# trick: One process forks for ever; its children wait.
# ended: process-limit
import os
import signal
import time

while True:
    try:
        if os.fork() == 0:
            signal.pause()
    except OSError:
        time.sleep(0)
