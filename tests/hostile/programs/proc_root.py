# trick: Goes round by /proc: root, cwd and exe of itself and of others.
# flags: refused
# says: held
# needs: files
import os
import sys

outside = sys.argv[1]
for pid in ("self", "1", str(os.getppid()), sys.argv[2]):
    for way in (f"/proc/{pid}/root{outside}/diary.txt", f"/proc/{pid}/cwd/../diary.txt"):
        try:
            with open(way, "r+") as file:
                print("REACHED", way, file.read())
        except OSError as error:
            print("held:", error.strerror)
