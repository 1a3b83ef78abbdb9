# match, and a try with else; prints piece by piece.
import os
import sys

process_name = "parent"
print("Program executing")
print("\tpid: ", os.getpid(), ", processName: ", process_name, sep="")
try:
    result = os.fork()
except OSError as error:
    sys.exit(f"Unable to create new process: {error}")
else:
    match result:
        case 0:
            process_name = "child"
            print("Child", end=" ")
        case _:
            print("Parent", end=" ")
    print("executing")
    print(f"\tpid: {os.getpid()}", f"forkPID: {result}", f"processName: {process_name}", sep=", ")
finally:
    sys.stdout.write(f"Process finishing\n\tpid: {os.getpid()}, processName: {process_name}\n")
