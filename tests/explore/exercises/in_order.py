"""Two children write as they like, and are waited for in the order in which they were made.

possible: "0\nwaited 0\n1\nwaited 1\n"
possible: "0\n1\nwaited 0\nwaited 1\n"
possible: "1\n0\nwaited 0\nwaited 1\n"
impossible: "1\nwaited 1\n0\nwaited 0\n"
impossible: "0\n1\nwaited 1\nwaited 0\n"
"""

import os
import sys

pids = []
for i in range(2):
    pid = os.fork()
    if pid == 0:
        print(i)
        sys.exit(0)
    pids.append(pid)
for i, pid in enumerate(pids):
    os.waitpid(pid, 0)
    print("waited", i)
