# trick: Makes terminals of its own and runs a child on one, whose output nobody asked for.
# ended: exit
# flags: refused?
# says: held|hidden
import os
import pty

try:
    child, terminal = pty.fork()
except OSError as error:
    print("held:", error.strerror)
    raise SystemExit
if child == 0:
    os.write(1, b"hidden\n")
    os._exit(0)
print(os.read(terminal, 100))
os.wait()
