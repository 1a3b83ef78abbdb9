# The figure as the textbook has it, with the print calls of Python 3.
import os
import sys

processName = "parent" # only the parent is running now

print( "Program executing\n\tpid: %d, processName: %s" \
    % ( os.getpid(), processName ) )

# attempt to fork child process
try:
    forkPID = os.fork() # create child process
except OSError:
    sys.exit( "Unable to create new process." )

if forkPID != 0: # am I parent process?
    print( "Parent executing\n" + \
        "\tpid: %d, forkPID: %d, processName: %s" \
        % ( os.getpid(), forkPID, processName ) )

elif forkPID == 0: # am I child process?
    processName = "child"
    print( "Child executing\n" + \
        "\tpid: %d, forkPID: %d, processName: %s" \
        % ( os.getpid(), forkPID, processName ) )

print( "Process finishing\n\tpid: %d, processName: %s" \
    % ( os.getpid(), processName ) )
