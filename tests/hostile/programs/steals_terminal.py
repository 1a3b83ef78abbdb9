# trick: Becomes the leader of a session, and takes the terminal from the one that has it.
# flags: refused?, orphan?
# says: held
import fcntl
import os
import sys
import termios

if os.fork():
    os.wait()
    sys.exit()
os.setsid()
for terminal in (sys.argv[3], None):
    try:
        descriptor = os.open(terminal, os.O_RDWR) if terminal else 1
        fcntl.ioctl(descriptor, termios.TIOCSCTTY, 1)
        print("REACHED", terminal, flush=True)
    except OSError as error:
        print("held:", error.strerror, flush=True)
os._exit(0)
