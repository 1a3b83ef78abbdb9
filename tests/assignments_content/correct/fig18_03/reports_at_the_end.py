# Collects both, then reports.
import os
import sys
import time

SLEEP1, SLEEP2 = 2, 1

forkPID1 = os.fork()
if forkPID1 == 0:
    print(f"Child1 sleeping for {SLEEP1} seconds...\n\tpid: {os.getpid()}, forkPID1: 0")
    time.sleep(SLEEP1)
    sys.exit(0)
forkPID2 = os.fork()
if forkPID2 == 0:
    print(f"Child2 sleeping for {SLEEP2} seconds...")
    print(f"\tpid: {os.getpid()}, forkPID1: {forkPID1}, forkPID2: 0")
    time.sleep(SLEEP2)
    sys.exit(0)

print("Parent waiting for child processes...")
print(f"\tpid: {os.getpid()}, forkPID1: {forkPID1}, forkPID2: {forkPID2}")

finished = [os.wait()[0] for _ in range(2)]
sys.stdout.write(
    "Parent: Child %d finished first, one child left.\n"
    "Parent: Child %d finished second, no children left.\n" % tuple(finished)
)
