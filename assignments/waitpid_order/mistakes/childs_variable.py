# mistake: The parent prints a variable that the child has set: each process has its own.
# fails: parent_reports

import os
import sys
import time

CODES = 1, 0, 3
exit_code = 0


def child(number):
    global exit_code
    seconds = 4 - number
    code = exit_code = CODES[number - 1]
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

for pid in pids:
    os.waitpid(pid, 0)
    code = exit_code
    result = "success" if code == 0 else "error"
    print(f"Parent: Child {pid} exited with code {code}: {result}.")
