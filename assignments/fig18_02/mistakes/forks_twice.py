# mistake: os.fork is called in each condition: the first child calls it again, and forks.
# fails: forks_one_child

import os

process_name = "parent"

print(f"Program executing\n\tpid: {os.getpid()}, processName: {process_name}")

if os.fork() != 0:
    print("Parent executing")
    print(f"\tpid: {os.getpid()}, processName: {process_name}")
elif os.fork() == 0:
    process_name = "child"
    print("Child executing")
    print(f"\tpid: {os.getpid()}, forkPID: 0, processName: {process_name}")

print(f"Process finishing\n\tpid: {os.getpid()}, processName: {process_name}")
