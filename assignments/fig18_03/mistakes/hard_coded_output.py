# mistake: The sample output of the textbook is printed, with the pids of somebody else's run.
# fails: children_announce, parent_announces, parent_reports

import os
import sys
import time

sleep_time1 = 1
sleep_time2 = 2

fork_pid1 = os.fork()

if fork_pid1 == 0:
    print(f"Child1 sleeping for {sleep_time1} seconds...")
    print("\tpid: 9577, forkPID1: 0")
    time.sleep(sleep_time1)
    sys.exit()

fork_pid2 = os.fork()

if fork_pid2 == 0:
    print(f"Child2 sleeping for {sleep_time2} seconds...")
    print("\tpid: 9578, forkPID1: 9577, forkPID2: 0")
    time.sleep(sleep_time2)
    sys.exit()

print("Parent waiting for child processes...")
print("\tpid: 9576, forkPID1: 9577, forkPID2: 9578")

os.wait()
print("Parent: Child 9577 finished first, one child left.")
os.wait()
print("Parent: Child 9578 finished second, no children left.")
