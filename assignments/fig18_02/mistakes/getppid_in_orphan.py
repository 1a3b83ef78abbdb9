# mistake: The child knows itself by its parent's pid, from os.getppid. When the parent has ended,
# that is another one: the child is an orphan, and takes itself for the parent.
# fails: process_names

import os
import sys

process_name = "parent"
parent_pid = os.getpid()

print(f"Program executing\n\tpid: {os.getpid()}, processName: {process_name}")

try:
    fork_pid = os.fork()
except OSError:
    sys.exit("Unable to create new process.")

if os.getppid() == parent_pid:
    process_name = "child"

if fork_pid != 0:
    print("Parent executing")
    print(f"\tpid: {os.getpid()}, forkPID: {fork_pid}, processName: {process_name}")
else:
    print("Child executing")
    print(f"\tpid: {os.getpid()}, forkPID: {fork_pid}, processName: {process_name}")

print(f"Process finishing\n\tpid: {os.getpid()}, processName: {process_name}")
