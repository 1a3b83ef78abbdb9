# mistake: The child is another program, started by subprocess; nothing is forked here.
# fails: uses_fork

import os
import subprocess
import sys

print(f"Program executing\n\tpid: {os.getpid()}, processName: parent")

CHILD = """
import os
print(f"Child executing\\n\\tpid: {os.getpid()}, forkPID: 0, processName: child")
print(f"Process finishing\\n\\tpid: {os.getpid()}, processName: child")
"""
child = subprocess.Popen([sys.executable, "-c", CHILD])
print(f"Parent executing\n\tpid: {os.getpid()}, forkPID: {child.pid}, processName: parent")
child.wait()
print(f"Process finishing\n\tpid: {os.getpid()}, processName: parent")
