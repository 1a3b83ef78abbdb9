# trick: One line of a hundred megabytes, in one write.
# ended: output-limit
import os

os.write(1, b"x" * 100_000_000)
print("REACHED the end of a long line")
