# trick: Kills every process that it may (kill(-1)); first with a signal that harms nobody.
# flags: refused
# says: done
# needs: signals
# why: where nobody traces, the kernel lets the call reach its own processes only, and says 0
import os
import signal

for number in (signal.SIGWINCH, signal.SIGKILL):
    try:
        os.kill(-1, number)
    except OSError as error:
        print("held:", error)
print("done")
