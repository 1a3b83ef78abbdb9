# trick: Links a foreign file into its own folder, where it may do as it likes.
# flags: refused
# says: held 2
# needs: files
import os
import sys

held = 0
for name in ("diary.txt", "private.txt"):
    try:
        os.link(os.path.join(sys.argv[1], name), "mine")
        os.chmod("mine", 0o777)
        with open("mine", "a") as file:
            file.write("it was here")
        print("REACHED", name)
    except OSError:
        held += 1
print("held", held)
