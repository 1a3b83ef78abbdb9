# trick: Looks into the temporary folders of others.
# flags: refused
# says: held
# needs: files
import os

for path in ("/tmp", "/var/tmp", "/dev/shm", "/run", ".."):
    try:
        print("REACHED", path, os.listdir(path))
    except OSError as error:
        print("held:", error.strerror)
