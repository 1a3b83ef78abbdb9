# mistake: Each child forks the next one.
# fails: forks_three_children

import os
import sys
import time

CODES = 1, 0, 3


def run(number):
    """Fork child `number`, wait for it, and report."""
    pid = os.fork()
    if pid == 0:
        print(f"Child{number} sleeping for {4 - number} seconds...")
        print(f"\tpid: {os.getpid()}, exit code: {CODES[number - 1]}")
        if number < 3:
            run(number + 1)
        time.sleep(4 - number)
        sys.exit(CODES[number - 1])
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print(f"Parent: Child {pid} exited with code {code}: {'error' if code else 'success'}.")


print("Parent waiting for child processes in order...")
run(1)
