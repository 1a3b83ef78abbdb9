# mistake: The test of what os.fork returned is the wrong way round: the child takes itself for the
# parent.
# fails: parent_prints, child_prints

import os
import sys

process_name = "parent"

print(f"Program executing\n\tpid: {os.getpid()}, processName: {process_name}")

try:
    fork_pid = os.fork()
except OSError:
    sys.exit("Unable to create new process.")

if fork_pid == 0:
    print("Parent executing")
    print(f"\tpid: {os.getpid()}, forkPID: {fork_pid}, processName: {process_name}")
else:
    process_name = "child"
    print("Child executing")
    print(f"\tpid: {os.getpid()}, forkPID: {fork_pid}, processName: {process_name}")

print(f"Process finishing\n\tpid: {os.getpid()}, processName: {process_name}")
