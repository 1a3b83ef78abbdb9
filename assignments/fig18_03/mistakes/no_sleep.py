# mistake: The children keep the processor busy instead of sleeping.
# fails: children_sleep

import os
import sys
import time

def pass_time(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


sleep_time1 = 1
sleep_time2 = 1

fork_pid1 = os.fork()

if fork_pid1 == 0:
    print(f"Child1 sleeping for {sleep_time1} seconds...")
    print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}")
    pass_time(sleep_time1)
    sys.exit()

fork_pid2 = os.fork()

if fork_pid2 == 0:
    print(f"Child2 sleeping for {sleep_time2} seconds...")
    print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}, forkPID2: {fork_pid2}")
    pass_time(sleep_time2)
    sys.exit()

print("Parent waiting for child processes...")
print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}, forkPID2: {fork_pid2}")

child1 = os.wait()[0]
print(f"Parent: Child {child1} finished first, one child left.")
child2 = os.wait()[0]
print(f"Parent: Child {child2} finished second, no children left.")
