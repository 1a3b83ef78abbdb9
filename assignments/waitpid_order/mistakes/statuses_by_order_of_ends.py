# mistake: The parent takes whichever child ends, three times, and believes that they come in the
# order in which their sleeps end: the third child's status first.
# fails: waits_in_order, parent_reports

import os
import sys
import time

CODES = 1, 0, 3


def child(number):
    seconds = 4 - number
    code = CODES[number - 1]
    print(f"Child{number} sleeping for {seconds} seconds...")
    print(f"\tpid: {os.getpid()}, exit code: {code}")
    time.sleep(seconds)
    sys.exit(code)


pids = []
for number in 1, 2, 3:
    pid = os.fork()
    if pid == 0:
        child(number)
    pids.append(pid)

print("Parent waiting for child processes in order...")
print(f"\tpid: {os.getpid()}, forkPID1: {pids[0]}, forkPID2: {pids[1]}, forkPID3: {pids[2]}")

statuses = [os.wait()[1], os.wait()[1], os.wait()[1]]
for pid, status in zip(pids, reversed(statuses)):
    code = os.waitstatus_to_exitcode(status)
    result = "success" if code == 0 else "error"
    print(f"Parent: Child {pid} exited with code {code}: {result}.")
