# trick: Makes a setuid copy of a shell, and runs the setuid programs of the system.
# flags: refused?, failed-wait?
# says: as \d+
import os
import shutil
import subprocess

me = os.getuid()
shutil.copyfile("/bin/sh", "sh")
try:
    os.chmod("sh", 0o6777)
except OSError:
    print("held")
for program in ("/bin/sh", "./sh"):
    try:
        run = subprocess.run([program, "-c", "id -u"], capture_output=True, text=True)
    except OSError:
        continue
    print("as", run.stdout.strip() or me)
    if run.stdout.strip() not in ("", str(me)):
        print("REACHED another user")
