# mistake: The children are other programs, started by subprocess; nothing is forked here.
# fails: uses_fork

import os
import subprocess
import sys

CHILD = """
import os, sys, time
number, seconds = sys.argv[1:3]
print(f"Child{number} sleeping for {seconds} seconds...")
print(f"\\tpid: {os.getpid()}, forkPID1: 0")
time.sleep(int(seconds))
"""

first = subprocess.Popen([sys.executable, "-c", CHILD, "1", "1"])
second = subprocess.Popen([sys.executable, "-c", CHILD, "2", "2"])
print("Parent waiting for child processes...")
print(f"\tpid: {os.getpid()}, forkPID1: {first.pid}, forkPID2: {second.pid}", flush=True)
first.wait()
print(f"Parent: Child {first.pid} finished first, one child left.")
second.wait()
print(f"Parent: Child {second.pid} finished second, no children left.")
