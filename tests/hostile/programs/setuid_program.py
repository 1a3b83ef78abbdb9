# trick: Makes a setuid copy of a shell, and runs the setuid programs of the system.
# flags: refused?
# says: (?s)as \d+.*as \d+
import os
import shutil
import subprocess

me = os.getuid()
shutil.copyfile("/bin/sh", "sh")
try:
    os.chmod("sh", 0o6777)
except OSError:
    os.chmod("sh", 0o777)
for program in ("./sh", "/bin/sh"):
    run = subprocess.run([program, "-c", "id -u"], capture_output=True, text=True)
    print("as", run.stdout.strip() or me)
    if run.stdout.strip() not in ("", str(me)):
        print("REACHED another user")
