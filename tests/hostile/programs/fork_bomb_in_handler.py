# trick: Each child that ends makes two more, in the handler of SIGCHLD.
# ended: process-limit
# flags: unreaped-child?, orphan?, failed-wait?
import os
import signal
import time


def child():
    if os.fork() == 0:
        os._exit(0)


def more(number, frame):
    child()
    child()


signal.signal(signal.SIGCHLD, more)
child()
while True:
    time.sleep(0.1)  # (a signal that came just before pause() would be the last)
