# SIGCHLD blocked, and taken with sigwait; sleeps in pieces of a second.
import os
import signal
import sys
import time


def child(number, seconds, known):
    print(f"Child{number} sleeping for {seconds} seconds...\n\tpid: {os.getpid()}, {known}")
    for _ in range(seconds):
        time.sleep(1)
    sys.exit()


signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
one = os.fork()
if one == 0:
    child(1, 2, "forkPID1: 0")
two = os.fork()
if two == 0:
    child(2, 1, f"forkPID1: {one}, forkPID2: 0")
print(
    "Parent waiting for child processes...",
    f"\tpid: {os.getpid()}, forkPID1: {one}, forkPID2: {two}",
    sep="\n",
)
words = ["second, no children", "first, one child"]
while words:
    signal.sigwait([signal.SIGCHLD])
    while words:
        pid, _ = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            break
        print(f"Parent: Child {pid} finished {words.pop()} left.")
