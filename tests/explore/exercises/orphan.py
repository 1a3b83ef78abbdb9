"""A child may ask for its parent before or after the parent has ended.

possible: "parent\nthere\n"
possible: "there\nparent\n"
possible: "parent\ngone\n"
impossible: "gone\nparent\n"
"""

import os

parent = os.getpid()
if os.fork() == 0:
    print("there" if os.getppid() == parent else "gone")
else:
    print("parent")
