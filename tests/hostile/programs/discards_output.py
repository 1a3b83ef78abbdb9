# trick: Discards what it has just written, before the grader has read it (tcflush).
# says: here
# flags: refused?
import os
import termios

for _ in range(20):
    os.write(1, b"here\n")
    try:
        termios.tcflush(1, termios.TCIOFLUSH)
    except termios.error:
        pass
