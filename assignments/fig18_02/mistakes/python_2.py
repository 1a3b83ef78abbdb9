# mistake: Python 2: print is a statement.
# fails: runs

import os
import sys

processName = "parent" # only the parent is running now

print "Program executing\n\tpid: %d, processName: %s" \
    % ( os.getpid(), processName )

try:
    forkPID = os.fork()
except OSError:
    sys.exit( "Unable to create new process." )

if forkPID == 0:
    processName = "child"

print "Process finishing\n\tpid: %d, processName: %s" \
    % ( os.getpid(), processName )
