# trick: Links in its own folder that lead out: what it may not reach, and what cleaning up must not follow.
# flags: refused
# says: held 3
# needs: files
import os
import sys

outside = sys.argv[1]
os.symlink(outside, "folder")
os.symlink(os.path.join(outside, "diary.txt"), "diary")
os.makedirs("deep")
os.symlink("../folder/a", "deep/again")
held = 0
for path in ("diary", "folder/diary.txt", "deep/again/b/c/d.txt"):
    try:
        with open(path, "r+") as file:
            print("REACHED", file.read())
    except OSError:
        held += 1
print("held", held)
