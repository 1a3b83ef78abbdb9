# mistake: The first child forks the second, which is the parent's grandchild then.
# fails: parent_forks_both

import os
import time

sleep_time1 = 1
sleep_time2 = 2

fork_pid1 = os.fork()

if fork_pid1 != 0:
    print("Parent waiting for child processes...")
    print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}")
    child1 = os.wait()[0]
    print(f"Parent: Child {child1} finished first, one child left.")
else:
    fork_pid2 = os.fork()
    if fork_pid2 != 0:
        print(f"Child1 sleeping for {sleep_time1} seconds...")
        print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}")
        time.sleep(sleep_time1)
        os.wait()
    else:
        print(f"Child2 sleeping for {sleep_time2} seconds...")
        print(f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}, forkPID2: {fork_pid2}")
        time.sleep(sleep_time2)
