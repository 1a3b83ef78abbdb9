// trick: Wants to be root in namespaces of its own (unshare, clone, clone3, setns).
// flags: refused
// says: held 4
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    uint64_t arguments[11] = {CLONE_NEWUSER | CLONE_NEWPID, 0, 0, 0, SIGCHLD};
    int held = 0;
    long child;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
        held++;
    else
        puts("REACHED unshare");
    child = syscall(SYS_clone, CLONE_NEWUSER | CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
        _exit(0);
    held += child < 0;
    child = syscall(SYS_clone3, arguments, sizeof arguments);
    if (child == 0)
        _exit(0);
    held += child < 0;
    held += setns(open("/proc/self/ns/net", O_RDONLY), 0) < 0;
    printf(held == 4 ? "held %d\n" : "REACHED namespaces %d\n", held);
}
