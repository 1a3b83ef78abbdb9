# trick: Forks, and both run the program from its beginning.
# ended: process-limit | cpu-limit
# ended[sampled]: process-limit | cpu-limit
# why: a new interpreter each time costs processor time, which may run out first
import os
import sys

try:
    os.fork()
except OSError:
    pass
os.execv(sys.executable, [sys.executable, "-I", "-S", sys.argv[0]])
