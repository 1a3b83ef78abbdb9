"""Who sleeps longer need not speak later: on a busy computer the parent may be held up for long.

possible: "child\nparent\n"
possible: "parent\nchild\n"
impossible: "child\n"
impossible: "parent\n"
"""

import os
import time

if os.fork() == 0:
    time.sleep(0.1)
    print("child")
else:
    time.sleep(0.2)
    print("parent")
    os.wait()
