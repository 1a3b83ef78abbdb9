# mistake: The guard of the main function is misspelt, so that nothing happens at all.
# fails: forks_one_child, announces_before_fork

import os


def main():
    process_name = "parent"
    print(f"Program executing\n\tpid: {os.getpid()}, processName: {process_name}")
    fork_pid = os.fork()
    if fork_pid == 0:
        process_name = "child"
    print(f"Process finishing\n\tpid: {os.getpid()}, processName: {process_name}")


if __name__ == "_main_":
    main()
