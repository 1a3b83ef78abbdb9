# trick: Kills every process that it may (kill(-1)); first with a signal that harms nobody.
# flags: refused
# says: held
# needs: signals
import os
import signal

try:
    os.kill(-1, signal.SIGWINCH)
except OSError as error:
    print("held:", error)
    try:
        os.kill(-1, signal.SIGKILL)
    except OSError as error:
        print("held:", error)
else:
    print("REACHED everyone" if os.getuid() == 0 else "held: its own user's only")
