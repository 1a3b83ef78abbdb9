"""Fig. 18.2 in Python 3: using os.fork to create a child process.

Both processes go on from the fork, each in a memory of its own.
"""

import os
import sys

process_name = "parent"  # only the parent is running now

print(f"Program executing\n\tpid: {os.getpid()}, processName: {process_name}")

try:
    fork_pid = os.fork()
except OSError:
    sys.exit("Unable to create new process.")

if fork_pid != 0:  # the parent: fork returned the child's pid
    print(
        f"Parent executing\n\tpid: {os.getpid()}, forkPID: {fork_pid}, processName: {process_name}"
    )
else:  # the child: fork returned 0
    process_name = "child"  # changes the child's copy only
    print(
        f"Child executing\n\tpid: {os.getpid()}, forkPID: {fork_pid}, processName: {process_name}"
    )

# both processes come here
print(f"Process finishing\n\tpid: {os.getpid()}, processName: {process_name}")
