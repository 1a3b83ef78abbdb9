# mistake: The parent waits for the first child before it forks the second, so that they never run
# at the same time.
# fails: children_run_together

import os
import sys
import time


def child1(seconds):
    print(f"Child1 sleeping for {seconds} seconds...")
    print(f"\tpid: {os.getpid()}, forkPID1: 0")
    time.sleep(seconds)
    sys.exit()


def child2(seconds, fork_pid1):
    print(f"Child2 sleeping for {seconds} seconds...")
    print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}, forkPID2: 0")
    time.sleep(seconds)
    sys.exit()


fork_pid1 = os.fork()
if fork_pid1 == 0:
    child1(1)
first = os.wait()[0]

fork_pid2 = os.fork()
if fork_pid2 == 0:
    child2(1, fork_pid1)

print("Parent waiting for child processes...")
print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}, forkPID2: {fork_pid2}")
second = os.wait()[0]

print(f"Parent: Child {first} finished first, one child left.")
print(f"Parent: Child {second} finished second, no children left.")
