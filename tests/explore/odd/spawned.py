"""posix_spawn: a vfork and an exec, in C.

fates: P.1 reaped
output: "one\n0\n"
"""

import os

pid = os.posix_spawn("/bin/echo", ["echo", "one"], {})
_, status = os.waitpid(pid, 0)
print(os.waitstatus_to_exitcode(status))
