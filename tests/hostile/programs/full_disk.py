# trick: Fills the disk with one file.
# ended: file-limit
# ended[sampled]: file-limit | exit
# exit: any
with open("large", "wb") as file:
    while True:
        file.write(b"x" * 100_000)
