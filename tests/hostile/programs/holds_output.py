# trick: Stops the output of its terminal (as Ctrl-S would) and then prints.
# ended[terminal]: time-limit | exit
# ended[controlled, terminal]: time-limit | exit | deadlock
# ended[pipe]: exit
# limits[terminal]: seconds=1.5
# flags: refused?
import termios

try:
    termios.tcflow(1, termios.TCOOFF)
except termios.error:
    pass
print("is anyone there?")
