# trick: Kills whoever started it.
# flags: refused
# says: held
# needs: signals
import os
import signal

for number in (signal.SIGCONT, signal.SIGSTOP, signal.SIGTERM, signal.SIGKILL):
    try:
        os.kill(os.getppid(), number)
    except OSError as error:
        print("held:", error)
    else:
        print("REACHED the parent")
