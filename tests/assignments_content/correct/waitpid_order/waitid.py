# Waits with os.waitid(P_PID, ...), and with wait4 for the last one; children in a function.
import os
import random
import sys
import time


def work(number):
    seconds, code = {1: 3, 2: 2, 3: 1}[number], random.randint(0, 3)
    print(f"Child{number} sleeping for {seconds} seconds...\n\tpid: {os.getpid()}, exit code: {code}")
    time.sleep(seconds)
    raise SystemExit(code)


def spawn(number):
    return os.fork() or work(number)


def report(pid, code):
    print(f"Parent: Child {pid} exited with code {code}: {'success' if code == 0 else 'error'}.")


one, two, three = map(spawn, (1, 2, 3))
sys.stdout.write("Parent waiting for child processes in order...\n")
print(f"\tpid: {os.getpid()}, forkPID1: {one}, forkPID2: {two}, forkPID3: {three}")
for pid in one, two:
    report(pid, os.waitid(os.P_PID, pid, os.WEXITED).si_status)
report(three, os.waitstatus_to_exitcode(os.wait4(three, 0)[1]))
