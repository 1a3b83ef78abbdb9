"""subprocess.run, with its pipe for errors of exec and another one for the output.

fates: P.1 reaped
output: "'one\\n' 0\n"
"""

import subprocess

done = subprocess.run(["/bin/echo", "one"], capture_output=True, text=True)
print(repr(done.stdout), done.returncode)
