# Run by the harness, before hostile programs: which doors are open? It harms nothing.
import os
import signal
import socket
import sys
from pathlib import Path

outside, sleeper, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[5])


def signals():
    os.kill(sleeper, signal.SIGWINCH)


def files():
    Path(outside, "diary.txt").open("a").close()


def network():
    socket.create_connection(("127.0.0.1", port), 1).close()


for door in (signals, files, network):
    try:
        door()
        print("open:", door.__name__)
    except OSError:
        print("shut:", door.__name__)
