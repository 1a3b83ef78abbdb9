// trick: Asks for a child that no tracer follows (CLONE_UNTRACED).
// flags: refused
// engines: free, controlled
// why: without a tracer there is nothing to escape from
// says: held: EPERM
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    long child = syscall(SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
        _exit(0);
    puts(child > 0 ? "REACHED an untraced child" : errno == EPERM ? "held: EPERM" : "held");
}
