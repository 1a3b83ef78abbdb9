# mistake: Python 2: print is a statement.
# fails: runs

import os
import sys
import time
import random

sleepTime1 = random.randrange( 1, 6 )
sleepTime2 = random.randrange( 1, 6 )

forkPID1 = os.fork()

if forkPID1 != 0:
    forkPID2 = os.fork()

    if forkPID2 != 0:
        print "Parent waiting for child processes...\n" + \
            "\tpid: %d, forkPID1: %d, forkPID2: %d" \
            % ( os.getpid(), forkPID1, forkPID2 )
        child1 = os.wait()[ 0 ]
        print "Parent: Child %d finished first, one child left." % child1
        child2 = os.wait()[ 0 ]
        print "Parent: Child %d finished second, no children left." % child2
    else:
        print "Child2 sleeping for %d seconds..." % sleepTime2
        time.sleep( sleepTime2 )
else:
    print "Child1 sleeping for %d seconds..." % sleepTime1
    time.sleep( sleepTime1 )
