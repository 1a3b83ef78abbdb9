# mistake: When the first child has ended, the others must have, says the parent, as they sleep for
# less; and so it asks for them with WNOHANG, once. A child may be late.
# fails: every_child_is_reaped

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

for number, pid in enumerate(pids):
    done, status = os.waitpid(pid, 0 if number == 0 else os.WNOHANG)
    code = os.waitstatus_to_exitcode(status)
    result = "success" if code == 0 else "error"
    print(f"Parent: Child {done} exited with code {code}: {result}.")
