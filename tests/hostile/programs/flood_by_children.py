# trick: Six children flood both streams at once.
# ended: output-limit
# flags: orphan?
import os

for _ in range(6):
    if os.fork() == 0:
        while True:
            os.write(1, b"x" * 4000)
            os.write(2, b"\n" * 4000)
os.wait()
