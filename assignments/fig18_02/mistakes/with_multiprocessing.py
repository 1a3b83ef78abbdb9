# mistake: multiprocessing makes the process.
# fails: uses_fork

import multiprocessing
import os


def child():
    print(f"Child executing\n\tpid: {os.getpid()}, forkPID: 0, processName: child")
    print(f"Process finishing\n\tpid: {os.getpid()}, processName: child", flush=True)


if __name__ == "__main__":
    print(f"Program executing\n\tpid: {os.getpid()}, processName: parent")
    process = multiprocessing.Process(target=child)
    process.start()
    print(f"Parent executing\n\tpid: {os.getpid()}, forkPID: {process.pid}, processName: parent")
    process.join()
    print(f"Process finishing\n\tpid: {os.getpid()}, processName: parent")
