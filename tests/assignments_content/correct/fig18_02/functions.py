# Functions; the parent waits for its child, which is not asked for and no fault.
import os


def say(what, *, fork_pid=None, name):
    fields = {"pid": os.getpid()}
    if fork_pid is not None:
        fields["forkPID"] = fork_pid
    fields["processName"] = name
    print(what)
    print("\t" + ", ".join(f"{key}: {value}" for key, value in fields.items()))


def main():
    name = "parent"
    say("Program executing", name=name)
    fork_pid = os.fork()
    if fork_pid == 0:
        name = "child"
    say(f"{name.capitalize()} executing", fork_pid=fork_pid, name=name)
    say("Process finishing", name=name)
    if fork_pid:
        os.waitpid(fork_pid, 0)


main()
