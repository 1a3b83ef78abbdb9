// trick: Makes another process the owner of its descriptors: the kernel signals it when data comes.
// flags: refused
// flags[sampled]: refused?
// says: ^over
// needs: signals
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct f_owner_ex owner = {F_OWNER_PID, atoi(argv[2])};
    int ends[2], sleeper = atoi(argv[2]), way;
    char letter;
    for (way = 0; way < 3; way++) {
        if (pipe(ends) < 0)
            return 1;
        if (way == 0)
            fcntl(ends[0], F_SETOWN, sleeper);
        else if (way == 1)
            fcntl(ends[0], F_SETOWN_EX, &owner);
        else
            ioctl(ends[0], FIOSETOWN, &sleeper);
        fcntl(ends[0], F_SETSIG, SIGUSR1);
        fcntl(ends[0], F_SETFL, O_ASYNC | O_NONBLOCK);
        write(ends[1], "x", 1);
        read(ends[0], &letter, 1);
    }
    puts("over");
}
