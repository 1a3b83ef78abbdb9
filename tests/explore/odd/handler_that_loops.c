/* One signal for many children: the handler collects all that there are.
 *
 * fates: P.1 reaped, P.2 reaped, P.3 reaped
 * output: "3\n"
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t reaped;

static void handler(int number) {
    int saved = errno;
    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        reaped++;
    errno = saved;
}

int main(void) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    sigaction(SIGCHLD, &action, NULL);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    for (int i = 0; i < 3; i++)
        if (fork() == 0)
            _exit(i);
    while (reaped < 3)
        sigsuspend(&before);
    printf("%d\n", (int)reaped);
    return 0;
}
