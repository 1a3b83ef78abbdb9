"""What the child puts into a variable stays in the child; only its exit status comes back.

possible: "child 6\nparent 5 6\n"
impossible: "child 6\nparent 6 6\n"
impossible: "parent 5 6\nchild 6\n"
"""

import os
import sys

x = 5
pid = os.fork()
if pid == 0:
    x += 1
    print("child", x)
    sys.exit(x)
_, status = os.waitpid(pid, 0)
print("parent", x, os.waitstatus_to_exitcode(status))
