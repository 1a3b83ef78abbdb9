# Functions, a list, a loop over what os.waitpid(-1, 0) returns.
import os
import random
import sys
import time


def child(number, pids):
    seconds = random.randint(1, 2)
    known = [*pids, 0]
    fields = ", ".join(f"forkPID{i}: {pid}" for i, pid in enumerate(known, 1))
    print(f"Child{number} sleeping for {seconds} seconds...")
    print(f"\tpid: {os.getpid()}, {fields}")
    time.sleep(seconds)
    return 0


def fork_children(count):
    pids = []
    for number in range(1, count + 1):
        pid = os.fork()
        if pid == 0:
            sys.exit(child(number, pids))
        pids.append(pid)
    return pids


def main():
    first, second = fork_children(2)
    print("Parent waiting for child processes...")
    print(f"\tpid: {os.getpid()}, forkPID1: {first}, forkPID2: {second}")
    for ordinal, left in (("first", "one child"), ("second", "no children")):
        pid, _ = os.waitpid(-1, 0)
        print(f"Parent: Child {pid} finished {ordinal}, {left} left.")


if __name__ == "__main__":
    main()
