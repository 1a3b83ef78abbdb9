"""WNOHANG does not wait: whether the child has ended by then is luck.

possible: "child\nended\n"
possible: "child\nstill there\n"
possible: "still there\nchild\n"
impossible: "ended\nchild\n"
impossible: "still there\n"
"""

import os

pid = os.fork()
if pid == 0:
    print("child")
else:
    done, status = os.waitpid(pid, os.WNOHANG)
    print("ended" if done else "still there")
