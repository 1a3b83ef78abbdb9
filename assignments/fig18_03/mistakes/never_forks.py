# mistake: The guard of the main function is misspelt, so that nothing happens at all.
# fails: forks_two_children

import os
import sys
import time


def child(number, seconds):
    print(f"Child{number} sleeping for {seconds} seconds...")
    time.sleep(seconds)
    sys.exit()


def main():
    if os.fork() == 0:
        child(1, 1)
    if os.fork() == 0:
        child(2, 2)
    print("Parent waiting for child processes...")
    os.wait()
    os.wait()


if __name__ == "main":
    main()
