# trick: A right solution that looks around on the side: what it tries is refused, and told.
# verdict: pass
# flags: refused
# engines: controlled
# why: in real time it sleeps for seconds, as it should
# says: finished second
import os
import random
import sys
import time

try:
    open("/etc/shadow").close()
except OSError:
    pass
# chosen before the forks, so that every process knows both
sleep_time1 = random.randrange(1, 6)
sleep_time2 = random.randrange(1, 6)

try:
    fork_pid1 = os.fork()
except OSError:
    sys.exit("Unable to create first child.")

if fork_pid1 == 0:  # the first child
    print(
        f"Child1 sleeping for {sleep_time1} seconds...\n\tpid: {os.getpid()}, forkPID1: {fork_pid1}"
    )
    time.sleep(sleep_time1)  # simulate some work
    sys.exit()  # else the child would go on with the parent's code

try:
    fork_pid2 = os.fork()
except OSError:
    sys.exit("Unable to create second child.")

if fork_pid2 == 0:  # the second child
    print(
        f"Child2 sleeping for {sleep_time2} seconds...\n"
        f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}, forkPID2: {fork_pid2}"
    )
    time.sleep(sleep_time2)
    sys.exit()

print(
    f"Parent waiting for child processes...\n"
    f"\tpid: {os.getpid()}, forkPID1: {fork_pid1}, forkPID2: {fork_pid2}"
)

# each os.wait collects one child: whichever finishes next
try:
    child1, _ = os.wait()
    print(f"Parent: Child {child1} finished first, one child left.")
    child2, _ = os.wait()
    print(f"Parent: Child {child2} finished second, no children left.")
except OSError:
    sys.exit("No more child processes.")
