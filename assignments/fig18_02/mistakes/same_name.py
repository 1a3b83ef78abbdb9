# mistake: The child never sets its processName, and finishes as 'parent'.
# fails: process_names

import os
import sys

process_name = "parent"

print(f"Program executing\n\tpid: {os.getpid()}, processName: {process_name}")

try:
    fork_pid = os.fork()
except OSError:
    sys.exit("Unable to create new process.")

if fork_pid != 0:
    print("Parent executing")
    print(f"\tpid: {os.getpid()}, forkPID: {fork_pid}, processName: {process_name}")
else:
    print("Child executing")
    print(f"\tpid: {os.getpid()}, forkPID: {fork_pid}, processName: {process_name}")

print(f"Process finishing\n\tpid: {os.getpid()}, processName: {process_name}")
