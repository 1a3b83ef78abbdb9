# os.write and os._exit: no buffers at all. Collects with os.wait3.
import os
import time


def say(text):
    os.write(1, text.encode())


a = os.fork()
if a == 0:
    say(f"Child1 sleeping for 2 seconds...\n\tpid: {os.getpid()}, forkPID1: 0\n")
    time.sleep(2)
    os._exit(0)
b = os.fork()
if b == 0:
    say(f"Child2 sleeping for 1 seconds...\n\tpid: {os.getpid()}, forkPID1: {a}, forkPID2: 0\n")
    time.sleep(1)
    os._exit(0)
say(f"Parent waiting for child processes...\n\tpid: {os.getpid()}, forkPID1: {a}, forkPID2: {b}\n")
say(f"Parent: Child {os.wait3(0)[0]} finished first, one child left.\n")
say(f"Parent: Child {os.wait3(0)[0]} finished second, no children left.\n")
