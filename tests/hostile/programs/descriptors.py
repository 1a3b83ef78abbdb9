# trick: Opens files until there are no descriptors left.
# ended: descriptor-limit | exit
# says: held
import os

held = []
try:
    while len(held) < 100_000:
        held.append(os.open("/dev/null", os.O_RDONLY))
except OSError as error:
    os.write(1, b"held: %d\n" % error.errno)
else:
    os.write(1, b"REACHED 100000 descriptors\n")
