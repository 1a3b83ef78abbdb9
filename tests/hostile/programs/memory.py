# trick: Takes memory without end.
# ended: memory-limit
# ended[sampled]: memory-limit | exit
hoard = []
while True:
    hoard.append(bytearray(4_000_000))
