"""wait3, wait4 and waitid collect as well as wait does.

fates: P.1 reaped, P.2 reaped, P.3 reaped
output: "1 2 3\n"
"""

import os

pids = []
for i in range(3):
    pid = os.fork()
    if pid == 0:
        os._exit(i + 1)
    pids.append(pid)
_, first, _ = os.wait4(pids[0], 0)
info = os.waitid(os.P_PID, pids[1], os.WEXITED)
_, third, _ = os.wait3(0)
codes = (os.waitstatus_to_exitcode(first), info.si_status, os.waitstatus_to_exitcode(third))
print(*codes)
