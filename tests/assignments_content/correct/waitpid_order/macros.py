# Decodes the status with WIFEXITED and WEXITSTATUS; children end with os._exit.
import os
import time

children = {}
for number in range(1, 4):
    pid = os.fork()
    if pid == 0:
        print(f"Child{number} sleeping for {4 - number} seconds...", flush=True)
        print(f"\tpid: {os.getpid()}, exit code: {number % 3}", flush=True)
        time.sleep(4 - number)
        os._exit(number % 3)
    children[number] = pid

print("Parent waiting for child processes in order...")
pids = ", ".join(f"forkPID{number}: {pid}" for number, pid in children.items())
print(f"\tpid: {os.getpid()}, {pids}")
for pid in children.values():
    _, status = os.waitpid(pid, 0)
    if os.WIFEXITED(status):
        code = os.WEXITSTATUS(status)
        print("Parent: Child %d exited with code %d: %s." % (pid, code, "error" if code else "success"))
