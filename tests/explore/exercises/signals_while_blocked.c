/* Three signals that come while they are blocked are one when they are let in.
 *
 * possible: "0\n1\n"
 * impossible: "0\n3\n"
 * impossible: "0\n2\n"
 * impossible: "0\n0\n"
 * impossible: "1\n1\n"
 */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t count;

static void handler(int number) {
    (void)number;
    count++;
}

int main(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    signal(SIGUSR1, handler);
    sigprocmask(SIG_BLOCK, &set, NULL);
    if (fork() == 0) {
        for (int i = 0; i < 3; i++)
            kill(getppid(), SIGUSR1);
        _exit(0);
    }
    wait(NULL);
    printf("%d\n", (int)count);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    printf("%d\n", (int)count);
    return 0;
}
