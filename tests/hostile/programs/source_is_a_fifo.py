# trick: Puts a FIFO in the place of its source: whoever reads that again waits for ever.
# says: ^done
import os

os.unlink(__file__)
os.mkfifo(__file__)
print("done")
