# mistake: The parent gets tired of waiting and kills the child that sleeps longer.
# fails: every_child_is_reaped, parent_ends_last, all_succeed, children_announce, children_sleep,
# parent_reports

import os
import signal
import sys
import time

sleep_time1 = 1
sleep_time2 = 5

fork_pid1 = os.fork()

if fork_pid1 == 0:
    print(f"Child1 sleeping for {sleep_time1} seconds...")
    print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}")
    time.sleep(sleep_time1)
    sys.exit()

fork_pid2 = os.fork()

if fork_pid2 == 0:
    print(f"Child2 sleeping for {sleep_time2} seconds...")
    print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}, forkPID2: {fork_pid2}", flush=True)
    time.sleep(sleep_time2)
    sys.exit()

print("Parent waiting for child processes...")
print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}, forkPID2: {fork_pid2}")

child1 = os.wait()[0]
print(f"Parent: Child {child1} finished first, one child left.")
os.kill(fork_pid2, signal.SIGKILL)
child2 = os.wait()[0]
print(f"Parent: Child {child2} finished second, no children left.")
