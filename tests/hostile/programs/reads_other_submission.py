# trick: Lists the submissions of others and copies one.
# flags: refused
# says: held: Permission denied
# needs: files
import os
import sys

folder = os.path.join(sys.argv[1], "submissions")
try:
    print("REACHED", os.listdir(folder))
except OSError as error:
    print("held:", error.strerror)
try:
    with open(os.path.join(folder, "ada", "fig18_03.py")) as file:
        exec(file.read())
    print("REACHED", secret)
except OSError as error:
    print("held:", error.strerror)
