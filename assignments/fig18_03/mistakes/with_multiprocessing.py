# mistake: multiprocessing makes the processes and waits for them.
# fails: uses_fork

import os
import time
from multiprocessing import Process


def work(number, seconds):
    print(f"Child{number} sleeping for {seconds} seconds...")
    print(f"\tpid: {os.getpid()}, forkPID1: 0")
    time.sleep(seconds)


if __name__ == "__main__":
    first = Process(target=work, args=(1, 1))
    second = Process(target=work, args=(2, 2))
    first.start()
    second.start()
    print("Parent waiting for child processes...")
    print(f"\tpid: {os.getpid()}, forkPID1: {first.pid}, forkPID2: {second.pid}")
    first.join()
    print(f"Parent: Child {first.pid} finished first, one child left.")
    second.join()
    print(f"Parent: Child {second.pid} finished second, no children left.")
