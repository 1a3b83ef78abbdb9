# trick: Writes on, resizes and locks the terminals of others.
# flags: refused
# says: held
# needs: files
import fcntl
import glob
import os
import sys
import termios

own = {os.ttyname(n) for n in range(3) if os.isatty(n)}
for name in [sys.argv[3], *glob.glob("/dev/pts/[0-9]*")]:
    if name in own:
        continue
    try:
        descriptor = os.open(name, os.O_RDWR | os.O_NOCTTY)
        os.write(descriptor, b"\x1b[2JREACHED\n")
        fcntl.ioctl(descriptor, termios.TIOCSWINSZ, b"\1\0\1\0\0\0\0\0")
        print("REACHED", name)
    except OSError as error:
        print("held:", error.strerror)
try:
    os.chmod(sys.argv[3], 0o666)
    print("REACHED the rights of", sys.argv[3])
except OSError as error:
    print("held:", error.strerror)
