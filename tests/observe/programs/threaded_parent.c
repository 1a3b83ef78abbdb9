/* The first thread is gone while the second forks; at the end both leave an orphan. */
#include "programs.h"
static void *forks(void *unused) {
    (void)unused;
    pid_t me = getpid();
    waitpid(fork() ?: (_exit(1), 0), NULL, 0);
    if (fork() == 0) {
        while (getppid() == me) sched_yield();
        _exit(2);
    }
    exit(0);
}
static void *sleeps(void *unused) {
    (void)unused;
    for (;;) pause();
}
int main(void) {
    pthread_t id;
    pthread_create(&id, NULL, sleeps, NULL);
    pthread_create(&id, NULL, forks, NULL);
    pthread_exit(NULL);
}
