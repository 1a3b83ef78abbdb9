/* A handler that waits once for each SIGCHLD: two that come together are one signal, and one child
 * is left. Both have ended when the count is printed, for then their signals are let in.
 *
 * possible: "1\n"
 * impossible: "0\n"
 * impossible: "2\n"
 */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t count;

static void handler(int number) {
    (void)number;
    if (wait(NULL) > 0)
        count++;
}

int main(void) {
    sigset_t set;
    siginfo_t info;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    signal(SIGCHLD, handler);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pid_t first = fork();
    if (first == 0)
        _exit(0);
    pid_t second = fork();
    if (second == 0)
        _exit(0);
    waitid(P_PID, first, &info, WEXITED | WNOWAIT);
    waitid(P_PID, second, &info, WEXITED | WNOWAIT);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    printf("%d\n", (int)count);
    return 0;
}
