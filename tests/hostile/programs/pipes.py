# trick: Makes pipes and fills each, with room for a megabyte where it can.
# ended: output-limit | descriptor-limit | exit
# ended[controlled]: output-limit | descriptor-limit | exit | step-limit | deadlock
import fcntl
import os

F_SETPIPE_SZ = 1031
kept = []
try:
    while True:
        read, write = os.pipe()
        fcntl.fcntl(write, F_SETPIPE_SZ, 1 << 20)
        os.set_blocking(write, False)
        os.write(write, b"x" * (1 << 20))
except OSError as error:
    print("held:", error)
