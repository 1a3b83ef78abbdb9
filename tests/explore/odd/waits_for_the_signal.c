/* A blocked SIGCHLD is taken by sigwait, which is told of two children at once, perhaps.
 *
 * fates: P.1 reaped, P.2 reaped
 * output: "2\n"
 */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    sigset_t set;
    int number, reaped = 0;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int i = 0; i < 2; i++)
        if (fork() == 0)
            _exit(0);
    while (reaped < 2) {
        sigwait(&set, &number);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            reaped++;
    }
    printf("%d\n", reaped);
    return 0;
}
