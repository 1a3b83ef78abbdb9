# trick: Output that is no text: every byte, lone surrogates, overlong forms, half a character at a fork.
# says: end
import os

os.write(1, bytes(range(256)) * 4)
os.write(2, b"\xed\xa0\x80\xc0\xaf\xf5\xff\xfe\x80")
os.write(1, b"\xe2\x82")
if os.fork() == 0:
    os.write(1, b"\xac\n")
    os._exit(0)
os.wait()
os.write(1, b"\x9b2J\x8d\n" + b"a\xcc\x81" * 1000 + b"\nend\n")
