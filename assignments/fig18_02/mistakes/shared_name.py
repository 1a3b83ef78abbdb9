# mistake: processName is set to 'child' before the fork, in the belief that this changes the
# child's only.
# fails: process_names

import os
import sys

process_name = "parent"

print(f"Program executing\n\tpid: {os.getpid()}, processName: {process_name}")

process_name = "child"  # for the child

try:
    fork_pid = os.fork()
except OSError:
    sys.exit("Unable to create new process.")

if fork_pid != 0:
    print("Parent executing")
    print(f"\tpid: {os.getpid()}, forkPID: {fork_pid}, processName: {process_name}")
else:
    process_name = "child"
    print("Child executing")
    print(f"\tpid: {os.getpid()}, forkPID: {fork_pid}, processName: {process_name}")

print(f"Process finishing\n\tpid: {os.getpid()}, processName: {process_name}")
