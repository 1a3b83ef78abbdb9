# trick: Talks to other processes by a socket outside its folder.
# flags: refused
# says: held
# needs: network, files
import os
import socket
import sys

for path in (os.path.join(sys.argv[1], "socket"), "/run/docker.sock", "/run/systemd/private"):
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.connect(path)
            print("REACHED", path)
    except OSError as error:
        print("held:", error.strerror)
