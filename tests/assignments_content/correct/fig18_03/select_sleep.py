# Sleeps with select; both children in one expression; flushes by hand.
import os
import select

pids = []
for number in (1, 2):
    pids.append(os.fork())
    if pids[-1] == 0:
        known = ", ".join(f"forkPID{n}: {pid}" for n, pid in enumerate(pids, 1))
        print(f"Child{number} sleeping for 1 seconds...\n\tpid: {os.getpid()}, {known}", flush=True)
        select.select([], [], [], 1)
        os._exit(0)
print(f"Parent waiting for child processes...\n\tpid: {os.getpid()}, ", end="")
print(f"forkPID1: {pids[0]}, forkPID2: {pids[1]}", flush=True)
for words in ("first, one child", "second, no children"):
    print(f"Parent: Child {os.wait()[0]} finished {words} left.", flush=True)
