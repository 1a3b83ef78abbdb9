# trick: A daemon by the book: two forks, a session of its own, / as its folder, nothing open.
# ended: time-limit
# ended[controlled]: deadlock
# flags: orphan, unreaped-child?
# limits: seconds=5
# limits[controlled]: seconds=20
import os
import signal

if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if os.fork() == 0:
        os.chdir("/")
        os.umask(0)
        os.closerange(0, 256)
        signal.pause()
    os._exit(0)
