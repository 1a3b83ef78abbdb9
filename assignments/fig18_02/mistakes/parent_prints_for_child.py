# mistake: The parent prints the lines that the child should print, and the child prints nothing.
# fails: child_prints

import os
import sys

process_name = "parent"

print(f"Program executing\n\tpid: {os.getpid()}, processName: {process_name}")

fork_pid = os.fork()
if fork_pid == 0:
    sys.exit()

print(f"Parent executing\n\tpid: {os.getpid()}, forkPID: {fork_pid}, processName: parent")
print(f"Process finishing\n\tpid: {os.getpid()}, processName: parent")
print(f"Child executing\n\tpid: {fork_pid}, forkPID: 0, processName: child")
print(f"Process finishing\n\tpid: {fork_pid}, processName: child")
