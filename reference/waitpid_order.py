"""Using os.waitpid to wait for particular child processes, and their exit statuses."""

import os
import random
import sys
import time


def work(number: int) -> int:
    """What a child does; returns its exit code."""
    seconds = 4 - number  # the child that is forked first works longest
    exit_code = random.randrange(4)  # chosen in the child: the parent can't know it
    print(
        f"Child{number} sleeping for {seconds} seconds...\n"
        f"\tpid: {os.getpid()}, exit code: {exit_code}"
    )
    time.sleep(seconds)  # simulate some work
    return exit_code


pids = []
for number in 1, 2, 3:
    try:
        pid = os.fork()
    except OSError:
        sys.exit(f"Unable to create child {number}.")
    if pid == 0:
        sys.exit(work(number))  # else the child would go round the loop and fork, too
    pids.append(pid)

print(
    f"Parent waiting for child processes in order...\n"
    f"\tpid: {os.getpid()}, forkPID1: {pids[0]}, forkPID2: {pids[1]}, forkPID3: {pids[2]}"
)

for pid in pids:  # in the order of the forks, whoever finishes first
    try:
        _, status = os.waitpid(pid, 0)
    except OSError:
        sys.exit(f"No child process {pid}.")
    exit_code = os.waitstatus_to_exitcode(status)  # 1, where status is 256
    result = "success" if exit_code == 0 else "error"
    print(f"Parent: Child {pid} exited with code {exit_code}: {result}.")
