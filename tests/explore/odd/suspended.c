/* sigsuspend lets the signal in and waits, in one step: it can't be missed.
 *
 * fates: P.1 reaped
 * output: "child\nparent\n"
 */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t seen;

static void handler(int number) {
    (void)number;
    seen = 1;
}

int main(void) {
    sigset_t blocked, before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGCHLD);
    signal(SIGCHLD, handler);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    if (fork() == 0) {
        puts("child");
        return 0;
    }
    while (!seen)
        sigsuspend(&before);
    wait(NULL);
    puts("parent");
    return 0;
}
