# trick: Takes memory without end.
# ended: memory-limit
hoard = []
while True:
    hoard.append(bytearray(4_000_000))
