// trick: Signals a process of the same user, by every call there is.
// flags: refused
// flags[sampled]: refused?
// says: ^over
// needs: signals
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    siginfo_t info = {0};
    int sleeper = atoi(argv[2]), done, number = SIGUSR1;
    int descriptor = syscall(SYS_pidfd_open, sleeper, 0);
    info.si_signo = number;
    info.si_code = SI_QUEUE;
    done = !kill(sleeper, number) + !kill(-sleeper, number) +
           !syscall(SYS_tkill, sleeper, number) +
           !syscall(SYS_tgkill, sleeper, sleeper, number) +
           !syscall(SYS_rt_sigqueueinfo, sleeper, number, &info) +
           !syscall(SYS_rt_tgsigqueueinfo, sleeper, sleeper, number, &info) +
           !syscall(SYS_pidfd_send_signal, descriptor, number, 0, 0);
    if (done)
        printf("REACHED the sleeper %d times\n", done);
    puts("over");
}
