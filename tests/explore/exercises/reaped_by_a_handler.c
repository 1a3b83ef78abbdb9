/* A handler that waits once for each SIGCHLD, which comes when it likes: the end of the file says
 * that both children have closed the pipe, not that both can be waited for.
 *
 * possible: "0\n"
 * possible: "1\n"
 * possible: "2\n"
 * impossible: "3\n"
 */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t count;

static void handler(int number) {
    (void)number;
    if (waitpid(-1, NULL, WNOHANG) > 0)
        count++;
}

int main(void) {
    int ends[2];
    char byte;
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGCHLD, &action, NULL);
    if (pipe(ends) < 0)
        return 1;
    for (int i = 0; i < 2; i++)
        if (fork() == 0)
            _exit(0);
    close(ends[1]);
    while (read(ends[0], &byte, 1) > 0)
        ;
    int now = count;
    printf("%d\n", now);
    return 0;
}
