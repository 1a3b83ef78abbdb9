// trick: A process for each descriptor of a pipe: as soon as one is killed, another notices and forks.
// ended: process-limit
// flags: failed-wait?
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int i;
    signal(SIGCHLD, SIG_IGN);
    for (i = 0; i < 4; i++)
        fork();
    for (;;) {
        if (fork() == 0)
            for (;;)
                if (fork() == 0)
                    pause();
        wait(0);
    }
}
