# trick: Writes to standard output for ever.
# ended: output-limit
while True:
    print("spam " * 100)
