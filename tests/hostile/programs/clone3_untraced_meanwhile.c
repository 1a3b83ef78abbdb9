// trick: clone3 takes its flags from memory, where a thread changes them between look and call.
// flags: refused?
// engines: free, controlled
// says: done
// why: a forked child asks who traces it; one that nobody traces got away
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile uint64_t arguments[11];
static volatile int over;

static void *flip(void *nothing)
{
    while (!over) {
        arguments[0] = CLONE_UNTRACED;
        arguments[0] = 0;
    }
    return nothing;
}

static int traced(void)
{
    char line[200];
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (!strncmp(line, "TracerPid:", 10))
            return atoi(line + 10) != 0;
    return 1;
}

int main(void)
{
    pthread_t thread;
    int i;
    arguments[4] = SIGCHLD;
    pthread_create(&thread, 0, flip, 0);
    for (i = 0; i < 30; i++) {
        long child = syscall(SYS_clone3, arguments, sizeof arguments);
        if (child == 0) {
            if (!traced())
                write(1, "REACHED untraced\n", 17);
            _exit(0);
        }
        if (child > 0)
            waitpid(child, 0, 0);
    }
    over = 1;
    pthread_join(thread, 0);
    puts("done");
}
