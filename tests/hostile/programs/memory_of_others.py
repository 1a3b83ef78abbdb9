# trick: Writes into the memory of other processes by /proc/PID/mem.
# flags: refused
# says: held 2
# needs: files
import os
import sys

sleeper, address = int(sys.argv[2]), int(sys.argv[6])
held = 0
for pid, place in ((sleeper, address), (os.getppid(), 0x400000)):
    try:
        with open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
            memory.seek(place)
            memory.write(b"TOUCHED..")
        print("REACHED the memory of", pid)
    except OSError:
        held += 1
print("held", held)
