# trick: Files with line feeds, escape codes and bytes that are no text in their names.
# says: ^done
import os

names = [b"a\nb", b"\x1b[31mred", b"\xff\xfe", b"x" * 255, b" ", b"-rf", b"*", b"..x", b"\xe2\x80\xae"]
for name in names:
    os.makedirs(name + b"/" + name if len(name) < 128 else name)
    os.symlink(name, name[:100] + b"-link")
print("done")
