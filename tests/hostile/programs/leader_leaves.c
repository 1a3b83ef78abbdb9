// trick: The first thread ends and the others go on: the process looks dead and is not.
// ended: time-limit
// limits: seconds=1.5
#define _GNU_SOURCE
#include <pthread.h>
#include <unistd.h>
#include <sys/syscall.h>

static void *wait_for_ever(void *nothing)
{
    for (;;)
        pause();
}

int main(void)
{
    pthread_t thread;
    pthread_create(&thread, 0, wait_for_ever, 0);
    syscall(SYS_exit, 0);
}
