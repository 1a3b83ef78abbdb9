/* A SIGCHLD handler that collects everything there is, while the parent does other things. */
#include "programs.h"
static volatile sig_atomic_t collected;
static void handler(int number) {
    (void)number;
    int saved = errno;
    while (collected < 5 && waitpid(-1, NULL, WNOHANG) > 0) collected++;
    errno = saved;
}
int main(void) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    struct gate gate = gate_new();
    sigset_t chld, before;
    sigemptyset(&chld);
    sigaddset(&chld, SIGCHLD);
    sigaction(SIGCHLD, &action, NULL);
    for (int i = 0; i < 5; i++)
        if (fork() == 0) { gate_pass(gate); _exit(i); }
    gate_open(gate);
    sigprocmask(SIG_BLOCK, &chld, &before);
    while (collected < 5) sigsuspend(&before);
    return 0;
}
