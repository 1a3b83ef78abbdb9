# mistake: What should be printed before the fork comes after it, so that both processes print it.
# fails: announces_before_fork

import os
import sys

process_name = "parent"

try:
    fork_pid = os.fork()
except OSError:
    sys.exit("Unable to create new process.")

print(f"Program executing\n\tpid: {os.getpid()}, processName: {process_name}")

if fork_pid != 0:
    print("Parent executing")
    print(f"\tpid: {os.getpid()}, forkPID: {fork_pid}, processName: {process_name}")
else:
    process_name = "child"
    print("Child executing")
    print(f"\tpid: {os.getpid()}, forkPID: {fork_pid}, processName: {process_name}")

print(f"Process finishing\n\tpid: {os.getpid()}, processName: {process_name}")
