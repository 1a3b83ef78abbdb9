# trick: The parent returns while its children still print.
# flags: orphan
# flags[controlled]: orphan?, unreaped-child?
# says: child 4 line 2
import os
import time

for child in range(5):
    if os.fork() == 0:
        for line in range(3):
            print(f"child {child} line {line}", flush=True)
            time.sleep(0.1)
        os._exit(0)
print("done")
