# trick: Leaves its folder by ../ and writes beside it.
# flags: refused
# says: held 4
# needs: files
import os

held = 0
for path in ("../hostile-leftover", "../../hostile-leftover", "./x/../../hostile-leftover"):
    os.makedirs("x", exist_ok=True)
    try:
        open(path, "w").close()
        print("REACHED", path)
    except OSError:
        held += 1
try:
    os.chdir("..")
    open("hostile-leftover", "w").close()
    print("REACHED", os.getcwd())
except OSError:
    held += 1
print("held", held)
