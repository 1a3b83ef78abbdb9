# mistake: When a fork fails, the program prints that as any other line, and goes on.
# fails: says_when_fork_fails

import os
import sys
import time

sleep_time1 = 1
sleep_time2 = 2

try:
    fork_pid1 = os.fork()
except OSError:
    print("Unable to create first child.")
    fork_pid1 = -1

if fork_pid1 == 0:
    print(f"Child1 sleeping for {sleep_time1} seconds...")
    print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}")
    time.sleep(sleep_time1)
    sys.exit()

try:
    fork_pid2 = os.fork()
except OSError:
    print("Unable to create second child.")
    fork_pid2 = -1

if fork_pid2 == 0:
    print(f"Child2 sleeping for {sleep_time2} seconds...")
    print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}, forkPID2: {fork_pid2}")
    time.sleep(sleep_time2)
    sys.exit()

print("Parent waiting for child processes...")
print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}, forkPID2: {fork_pid2}")

for ordinal, left in ("first", "one child"), ("second", "no children"):
    try:
        child, status = os.wait()
    except OSError:
        break
    print(f"Parent: Child {child} finished {ordinal}, {left} left.")
