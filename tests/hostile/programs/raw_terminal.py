# trick: Puts its terminal into raw mode, with output processing of its own, and leaves it so.
# says: (?s)one.*two
import sys
import termios
import tty

try:
    tty.setraw(1)
    settings = termios.tcgetattr(1)
    settings[1] |= termios.OPOST | termios.ONLCR
    settings[3] |= termios.ECHO
    termios.tcsetattr(1, termios.TCSANOW, settings)
except termios.error:
    pass
print("one")
print("two")
