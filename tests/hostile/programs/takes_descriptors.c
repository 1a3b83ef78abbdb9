// trick: Takes descriptors of other processes (pidfd_getfd).
// flags: refused
// flags[sampled]: refused?
// says: ^held
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int pids[] = {atoi(argv[2]), atoi(argv[4]), getppid()}, i, number;
    for (i = 0; i < 3; i++) {
        int process = syscall(SYS_pidfd_open, pids[i], 0);
        for (number = 0; number < 5; number++)
            if (syscall(SYS_pidfd_getfd, process, number, 0) >= 0)
                puts("REACHED a descriptor");
    }
    puts("held");
}
