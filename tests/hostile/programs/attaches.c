// trick: Traces others: its parent, a stranger, its child; and asks to be traced by its parent.
// flags: refused
// flags[sampled]: refused?
// says: held 5
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int held = 0, child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    held += ptrace(PTRACE_ATTACH, getppid(), 0, 0) < 0;
    held += ptrace(PTRACE_SEIZE, atoi(argv[2]), 0, 0) < 0;
    held += ptrace(PTRACE_SEIZE, child, 0, 0) < 0;
    held += ptrace(PTRACE_SEIZE, atoi(argv[4]), 0, 0) < 0;
    held += ptrace(PTRACE_TRACEME, 0, 0, 0) < 0;
    kill(child, SIGKILL);
    wait(0);
    printf(held == 5 ? "held %d\n" : "REACHED by ptrace %d\n", held);
}
