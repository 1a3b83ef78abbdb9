# trick: Listens on ports, for others to connect to.
# flags: refused
# says: held 2
# needs: network
import socket

held = 0
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    try:
        with socket.socket(socket.AF_INET, kind) as server:
            server.bind(("127.0.0.1", 0))
            print("REACHED", server.getsockname())
    except OSError:
        held += 1
print("held", held)
