# trick: Fills the disk with many files, none of them large.
# ended: folder-limit
# ended[controlled]: folder-limit | step-limit
import itertools

for number in itertools.count():
    with open(f"file {number}", "wb") as file:
        file.write(b"x" * 100_000)
