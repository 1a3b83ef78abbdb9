# mistake: The first child sleeps for less, so the parent takes what wait returns first for that one.
# Sleeping is no synchronization: the second child may end first.
# fails: reports_in_order

import os
import sys
import time

sleep_time1 = 1
sleep_time2 = 2

fork_pid1 = os.fork()

if fork_pid1 == 0:
    print(f"Child1 sleeping for {sleep_time1} seconds...")
    print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}")
    time.sleep(sleep_time1)
    sys.exit()

fork_pid2 = os.fork()

if fork_pid2 == 0:
    print(f"Child2 sleeping for {sleep_time2} seconds...")
    print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}, forkPID2: {fork_pid2}")
    time.sleep(sleep_time2)
    sys.exit()

print("Parent waiting for child processes...")
print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}, forkPID2: {fork_pid2}")

os.wait()
print(f"Parent: Child {fork_pid1} finished first, one child left.")
os.wait()
print(f"Parent: Child {fork_pid2} finished second, no children left.")
