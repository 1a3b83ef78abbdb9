# trick: Parent and child each wait to read what the other never writes.
# engines: free, controlled
# ended: time-limit
# ended[controlled]: deadlock
# limits: seconds=1.5
# limits[controlled]: seconds=20
import os

here, there = os.pipe(), os.pipe()
if os.fork() == 0:
    os.read(here[0], 1)
else:
    os.read(there[0], 1)
