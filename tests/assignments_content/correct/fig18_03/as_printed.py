# The figure as the textbook has it, with the print calls of Python 3.
import os
import sys
import time
import random

sleepTime1 = random.randrange( 1, 3 )
sleepTime2 = random.randrange( 1, 3 )

try:
    forkPID1 = os.fork()
except OSError:
    sys.exit( "Unable to create first child. " )

if forkPID1 != 0:

    try:
        forkPID2 = os.fork()
    except OSError:
        sys.exit( "Unable to create second child." )

    if forkPID2 != 0:
        print( "Parent waiting for child processes...\n" + \
            "\tpid: %d, forkPID1: %d, forkPID2: %d" \
            % ( os.getpid(), forkPID1, forkPID2 ) )

        try:
            child1 = os.wait()[ 0 ]
        except OSError:
            sys.exit( "No more child processes." )

        print( "Parent: Child %d finished first, one child left." \
            % child1 )

        try:
            child2 = os.wait()[ 0 ]
        except OSError:
            sys.exit( "No more child processes." )

        print( "Parent: Child %d finished second, no children left." \
            % child2 )

    elif forkPID2 == 0:
        print( """Child2 sleeping for %d seconds...
\tpid: %d, forkPID1: %d, forkPID2: %d""" \
            % ( sleepTime2, os.getpid(), forkPID1, forkPID2 ) )
        time.sleep( sleepTime2 )

elif forkPID1 == 0:
    print( """Child1 sleeping for %d seconds...
\tpid: %d, forkPID1: %d""" \
        % ( sleepTime1, os.getpid(), forkPID1 ) )
    time.sleep( sleepTime1 )
