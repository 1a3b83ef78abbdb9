# trick: Makes daemons for ever: each in a session of its own, and nobody's child.
# ended: process-limit
# flags: orphan
import os
import signal

signal.signal(signal.SIGHUP, signal.SIG_IGN)
while True:
    child = os.fork()
    if child == 0:
        os.setsid()
        if os.fork():
            os._exit(0)
        signal.pause()
    os.waitpid(child, 0)
