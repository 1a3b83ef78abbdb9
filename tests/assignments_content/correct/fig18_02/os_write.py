# os.write: no buffers; the child ends with os._exit in its branch.
import os

name = b"parent"
os.write(1, b"Program executing\n\tpid: %d, processName: %s\n" % (os.getpid(), name))
pid = os.fork()
if not pid:
    name = b"child"
    os.write(1, b"Child executing\n\tpid: %d, forkPID: 0, processName: %s\n" % (os.getpid(), name))
    os.write(1, b"Process finishing\n\tpid: %d, processName: %s\n" % (os.getpid(), name))
    os._exit(0)
os.write(1, b"Parent executing\n\tpid: %d, forkPID: %d, processName: %s\n" % (os.getpid(), pid, name))
os.write(1, b"Process finishing\n\tpid: %d, processName: %s\n" % (os.getpid(), name))
