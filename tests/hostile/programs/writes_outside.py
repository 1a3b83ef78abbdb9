# trick: Writes, appends, truncates, renames, removes and makes files outside its folder.
# flags: refused
# says: held 8
# needs: files
import os
import sys

outside = sys.argv[1]
diary = os.path.join(outside, "diary.txt")


def append():
    with open(diary, "a") as file:
        file.write("it was here")


attempts = [
    append,
    lambda: os.truncate(diary, 0),
    lambda: os.rename(diary, diary + ".old"),
    lambda: os.rename(diary, "stolen"),
    lambda: os.unlink(diary),
    lambda: os.mkdir(os.path.join(outside, "hostile-leftover")),
    lambda: os.symlink("/", os.path.join(outside, "hostile-leftover")),
    lambda: os.mkfifo(os.path.join(outside, "hostile-leftover")),
]
held = 0
for number, attempt in enumerate(attempts):
    try:
        attempt()
        print("REACHED outside", number)
    except OSError:
        held += 1
print("held", held)
