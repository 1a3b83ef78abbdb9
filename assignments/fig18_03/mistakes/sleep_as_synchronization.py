# mistake: The parent sleeps for longer than its children, believes that they have ended by then, and
# asks with WNOHANG, once for each. On a busy system a child may not have ended.
# fails: every_child_is_reaped, parent_ends_last, parent_ends_on_time, parent_reports

import os
import sys
import time

sleep_time1 = 1
sleep_time2 = 2

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

time.sleep(max(sleep_time1, sleep_time2) + 1)
child1, status = os.waitpid(-1, os.WNOHANG)
print(f"Parent: Child {child1} finished first, one child left.")
child2, status = os.waitpid(-1, os.WNOHANG)
print(f"Parent: Child {child2} finished second, no children left.")
