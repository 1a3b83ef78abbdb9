# mistake: The pids are those of the sample output, not those of the processes.
# fails: announces_before_fork, parent_prints, child_prints

import os
import sys

process_name = "parent"

print(f"Program executing\n\tpid: 5428, processName: {process_name}")

try:
    fork_pid = os.fork()
except OSError:
    sys.exit("Unable to create new process.")

if fork_pid != 0:
    print("Parent executing")
    print(f"\tpid: 5428, forkPID: 5429, processName: {process_name}")
else:
    process_name = "child"
    print("Child executing")
    print(f"\tpid: 5429, forkPID: 0, processName: {process_name}")

print(f"Process finishing\n\tpid: {5428 if fork_pid else 5429}, processName: {process_name}")
