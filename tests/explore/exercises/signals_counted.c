/* Signals are not queued: of three, one at least is taken, and three at most.
 *
 * possible: "1\n"
 * possible: "2\n"
 * possible: "3\n"
 * impossible: "0\n"
 * impossible: "4\n"
 */
#include <errno.h>
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
    signal(SIGUSR1, handler);
    if (fork() == 0) {
        for (int i = 0; i < 3; i++)
            kill(getppid(), SIGUSR1);
        _exit(0);
    }
    while (wait(NULL) < 0 && errno == EINTR)
        ;
    printf("%d\n", (int)count);
    return 0;
}
