"""Asks each child in turn, without waiting, until all have ended.

fates: P.1 reaped, P.2 reaped
output: "done\n"
exhaustive: no
"""

import os

left = []
for _ in range(2):
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    left.append(pid)
while left:
    left = [pid for pid in left if os.waitpid(pid, os.WNOHANG) == (0, 0)]
print("done")
