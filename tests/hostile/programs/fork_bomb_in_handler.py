# trick: Each child that ends makes two more, in the handler of SIGCHLD.
# ended: process-limit
# flags: unreaped-child?, orphan?, failed-wait?
import os
import signal


def child():
    if os.fork() == 0:
        os._exit(0)


def more(number, frame):
    child()
    child()


signal.signal(signal.SIGCHLD, more)
child()
while True:
    signal.pause()
