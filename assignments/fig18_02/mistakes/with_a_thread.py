# mistake: A thread is no process: it has the same pid and the same variables.
# fails: uses_fork

import os
import threading

process_name = "parent"


def child():
    global process_name
    process_name = "child"
    print(f"Child executing\n\tpid: {os.getpid()}, forkPID: 0, processName: {process_name}")


print(f"Program executing\n\tpid: {os.getpid()}, processName: {process_name}")
thread = threading.Thread(target=child)
thread.start()
thread.join()
print(f"Process finishing\n\tpid: {os.getpid()}, processName: {process_name}")
