# mistake: Two threads of one process do what two child processes should do.
# fails: uses_fork

import os
import threading
import time


def work(number, seconds):
    print(f"Child{number} sleeping for {seconds} seconds...")
    print(f"\tpid: {os.getpid()}, forkPID1: 0")
    time.sleep(seconds)


first = threading.Thread(target=work, args=(1, 1))
second = threading.Thread(target=work, args=(2, 2))
first.start()
second.start()
print("Parent waiting for child processes...")
first.join()
print(f"Parent: Child {first.ident} finished first, one child left.")
second.join()
print(f"Parent: Child {second.ident} finished second, no children left.")
