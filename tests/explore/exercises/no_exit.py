"""The child of the first round forgets to exit and forks in the second round too; all wait for
their own.

possible: "end\nend\nend\nend\n"
impossible: "end\nend\nend\n"
"""

import os

for _ in range(2):
    os.fork()
try:
    while True:
        os.wait()
except ChildProcessError:
    print("end")
