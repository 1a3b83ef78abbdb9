/* A patient parent: sigtimedwait, again and again until the child has ended.
 *
 * fates: P.1 reaped
 * output: "ended\n"
 * exhaustive: no
 */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(void) {
    sigset_t set;
    struct timespec hour = {3600, 0};
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    while (waitpid(child, NULL, WNOHANG) == 0)
        sigtimedwait(&set, NULL, &hour);
    puts("ended");
    return 0;
}
