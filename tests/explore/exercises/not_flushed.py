"""In a pipe print holds its text back, and the fork copies it.

stdio: pipe
possible: "before\nchild\nbefore\nparent\n"
impossible: "before\nchild\nparent\n"
"""

import os

print("before")
if os.fork() == 0:
    print("child")
else:
    os.wait()
    print("parent")
