# trick: Leaves files in the temporary folder that it is given, and tries the common ones.
# flags: refused
# says: (?s)made.*held 3
# says[sampled]: Operation not permitted|held 3
# needs: files
import os
import tempfile

folder = tempfile.mkdtemp(prefix="hostile-leftover")
with open(os.path.join(folder, "file"), "w") as file:
    file.write("x" * 1000)
os.chmod(folder, 0)
print("made")
held = 0
for place in ("/tmp", "/var/tmp", "/dev/shm"):
    try:
        open(os.path.join(place, "hostile-leftover"), "w").close()
        print("REACHED", place)
    except OSError:
        held += 1
print("held", held)
