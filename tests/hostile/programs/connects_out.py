# trick: Connects to the network, by TCP and UDP, IPv4 and IPv6, near and far.
# flags: refused
# says: held 5
# needs: network
import socket
import sys

port = int(sys.argv[5])
held = 0
for family, kind, address in (
    (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", port)),
    (socket.AF_INET, socket.SOCK_STREAM, ("192.0.2.1", 80)),
    (socket.AF_INET6, socket.SOCK_STREAM, ("::1", port)),
):
    try:
        with socket.socket(family, kind) as client:
            client.settimeout(0.2)
            client.connect(address)
            print("REACHED", address)
    except OSError as error:
        held += "timed out" not in str(error)
for address in (("127.0.0.1", port), ("192.0.2.1", 53)):
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(b"hello", address)
            print("REACHED", address)
    except OSError:
        held += 1
print("held", held)
