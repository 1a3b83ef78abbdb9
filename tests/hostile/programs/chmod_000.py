# trick: Takes all rights from its folder and from what is in it.
# says: ^done
# says[sampled]: ^done|Operation not permitted
# why: chmod can be refused only altogether where nobody traces
import os

os.makedirs("a/b/c")
open("a/b/c/file", "w").close()
for path in ("a/b/c/file", "a/b/c", "a/b", "a", "."):
    os.chmod(path, 0)
print("done")
