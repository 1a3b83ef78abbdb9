# trick: Sockets of its own, which an honest program may have too: a pair, and one in its folder.
# flags: refused?
# says: (?s)pair.*named
import os
import socket

here, there = socket.socketpair()
if os.fork() == 0:
    there.send(b"pair")
    os._exit(0)
os.wait()
print(here.recv(10).decode())
try:
    server = socket.socket(socket.AF_UNIX)
    server.bind("own socket")
    server.listen()
    client = socket.socket(socket.AF_UNIX)
    client.connect("own socket")
    print("named")
except OSError as error:
    print("not named:", error)
