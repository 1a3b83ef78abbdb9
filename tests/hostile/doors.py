# Run by the harness, before hostile programs: which doors are open? It harms nothing.
import os
import signal
import socket
import sys

outside, sleeper, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[5])


def signals():
    os.kill(sleeper, signal.SIGWINCH)


def files():
    os.close(os.open(os.path.join(outside, "diary.txt"), os.O_WRONLY))


def network():
    socket.create_connection(("127.0.0.1", port), 1).close()


for door in (signals, files, network):
    try:
        door()
        print("open:", door.__name__)
    except OSError:
        print("shut:", door.__name__)
