# trick: Talks to other processes by a socket that is in no folder.
# flags: refused
# says: held
# needs: network
import socket
import sys

name = f"\0grader-hostile-{sys.argv[5]}"
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    try:
        with socket.socket(socket.AF_UNIX, kind) as client:
            client.connect(name)
            print("REACHED", name)
    except OSError as error:
        print("held:", error.strerror)
