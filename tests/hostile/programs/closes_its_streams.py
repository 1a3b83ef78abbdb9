# trick: Closes its standard streams, and lets a child go on without them.
# ended: exit
# flags: orphan
# flags[controlled]: orphan?, unreaped-child?
# says: ^before
import os
import time

os.write(1, b"before\n")
os.closerange(0, 3)
if os.fork() == 0:
    time.sleep(0.2)
    os._exit(0)
