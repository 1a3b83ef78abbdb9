# A handler of SIGCHLD that is right: set before the forks, collects all that have ended, and the
# parent blocks on the wake-up descriptor, so that no signal is lost between test and block.
import os
import signal
import sys
import time

finished = []


def on_child(signum, frame):
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        finished.append(pid)


reader, writer = os.pipe()
os.set_blocking(writer, False)
signal.set_wakeup_fd(writer)
signal.signal(signal.SIGCHLD, on_child)

forkPID1 = os.fork()
if forkPID1 == 0:
    print(f"Child1 sleeping for 1 seconds...\n\tpid: {os.getpid()}, forkPID1: 0")
    time.sleep(1)
    sys.exit()
forkPID2 = os.fork()
if forkPID2 == 0:
    print("Child2 sleeping for 2 seconds...")
    print(f"\tpid: {os.getpid()}, forkPID1: {forkPID1}, forkPID2: 0")
    time.sleep(2)
    sys.exit()

print("Parent waiting for child processes...")
print(f"\tpid: {os.getpid()}, forkPID1: {forkPID1}, forkPID2: {forkPID2}")
while len(finished) < 2:
    os.read(reader, 1)
print(f"Parent: Child {finished[0]} finished first, one child left.")
print(f"Parent: Child {finished[1]} finished second, no children left.")
