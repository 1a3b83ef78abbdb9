/* Forks by double forks and in chains, leaves its session, ignores all signals, never ends. */
#include <signal.h>
#include <unistd.h>

static void chain(void)
{
    for (;;) { /* each makes the next, and is gone */
        if (fork() > 0)
            _exit(0);
        setsid();
        usleep(2000);
    }
}

int main(void)
{
    for (int number = 1; number < 65; number++)
        signal(number, number == SIGCHLD ? SIG_DFL : SIG_IGN);
    for (int branch = 0; branch < 3; branch++) {
        if (fork() != 0)
            continue;
        setsid();
        if (fork() > 0)
            _exit(0);
        if (branch == 0)
            chain();
        for (;;) {
            if (fork() == 0) {
                usleep(20000);
                _exit(0);
            }
            usleep(20000);
        }
    }
    for (;;)
        pause();
}
