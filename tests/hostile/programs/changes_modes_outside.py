# trick: Changes rights and times of foreign files, for which no file has to be opened.
# flags: refused
# says: held 4
# needs: files
import os
import sys

diary = os.path.join(sys.argv[1], "diary.txt")
folder = os.path.join(sys.argv[1], "a")
held = 0
for attempt in (
    lambda: os.chmod(diary, 0o4777),
    lambda: os.chmod(folder, 0),
    lambda: os.utime(diary, (0, 0)),
    lambda: os.chown(diary, os.getuid(), 12345),
):
    try:
        attempt()
        print("REACHED outside")
    except OSError:
        held += 1
print("held", held)
