// trick: Finds out who traces it, and stops and kills that, by every call there is.
// flags: refused
// flags[sampled]: refused?
// says: ^over
// needs: signals
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int find(const char *key)
{
    char line[200];
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (!strncmp(line, key, strlen(key)))
            return atoi(line + strlen(key));
    return 0;
}

int main(void)
{
    int signals[] = {SIGSTOP, SIGKILL}, i;
    int tracer = find("TracerPid:\t");
    if (!tracer)
        tracer = getppid();
    for (i = 0; i < 2; i++) {
        siginfo_t info = {0};
        int number = signals[i], done;
        int descriptor = syscall(SYS_pidfd_open, tracer, 0);
        info.si_signo = number;
        info.si_code = SI_QUEUE;
        done = !kill(tracer, number) + !syscall(SYS_tkill, tracer, number) +
               !syscall(SYS_tgkill, tracer, tracer, number) +
               !syscall(SYS_rt_sigqueueinfo, tracer, number, &info) +
               !syscall(SYS_rt_tgsigqueueinfo, tracer, tracer, number, &info) +
               !syscall(SYS_pidfd_send_signal, descriptor, number, 0, 0);
        if (done)
            printf("REACHED the tracer %d times\n", done);
    }
    puts("over");
}
