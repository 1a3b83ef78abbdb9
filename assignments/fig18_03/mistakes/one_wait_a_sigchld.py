# mistake: One wait call for each SIGCHLD. Signals do not queue: when both children end before the
# first SIGCHLD is taken, there is one for both, and the parent waits for another for ever.
# fails: runs

import os
import signal
import sys
import time

sleep_time1 = 1
sleep_time2 = 2

signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])

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

print("Parent waiting for child processes...")
print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}, forkPID2: {fork_pid2}")

signal.sigwait([signal.SIGCHLD])
child1 = os.wait()[0]
print(f"Parent: Child {child1} finished first, one child left.")
signal.sigwait([signal.SIGCHLD])
child2 = os.wait()[0]
print(f"Parent: Child {child2} finished second, no children left.")
