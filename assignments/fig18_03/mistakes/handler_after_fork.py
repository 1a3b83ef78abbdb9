# mistake: The handler of SIGCHLD is set after the forks. For a child that has ended before, no
# signal comes any more, and the parent waits for ever.
# fails: runs

import os
import signal
import sys
import time

sleep_time1 = 1
sleep_time2 = 2

finished = []


def collect(number, frame):
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            break
        if pid == 0:
            break
        finished.append(pid)


fork_pid1 = os.fork()

if fork_pid1 == 0:
    print(f"Child1 sleeping for {sleep_time1} seconds...")
    print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}")
    time.sleep(sleep_time1)
    sys.exit()

fork_pid2 = os.fork()

if fork_pid2 == 0:
    print(f"Child2 sleeping for {sleep_time2} seconds...")
    print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}, forkPID2: {fork_pid2}")
    time.sleep(sleep_time2)
    sys.exit()

reader, writer = os.pipe()
os.set_blocking(writer, False)
signal.set_wakeup_fd(writer)  # so that no signal is lost between the test and the read
signal.signal(signal.SIGCHLD, collect)

print("Parent waiting for child processes...")
print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}, forkPID2: {fork_pid2}")

while len(finished) < 2:
    os.read(reader, 1)
print(f"Parent: Child {finished[0]} finished first, one child left.")
print(f"Parent: Child {finished[1]} finished second, no children left.")
