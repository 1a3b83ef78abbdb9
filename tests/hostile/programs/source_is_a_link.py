# trick: Puts a link to a secret in the place of its source, for a report that shows the source.
# exit: 1
# flags: refused?
# says: (?s)done.*RuntimeError
import os
import sys

os.unlink(__file__)
os.symlink(os.path.join(sys.argv[1], "private.txt"), __file__)
print("done", flush=True)
raise RuntimeError("shown with its line")
