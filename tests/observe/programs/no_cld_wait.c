/* SA_NOCLDWAIT with a handler; then the default again. */
#include "programs.h"
static void handler(int number) { (void)number; }
int main(void) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_NOCLDWAIT | SA_RESTART};
    sigaction(SIGCHLD, &action, NULL);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) _exit(i);
    while (wait(NULL) != -1 || errno == EINTR) ;
    if (errno != ECHILD) return 1;
    signal(SIGCHLD, SIG_DFL);
    if (fork() == 0) _exit(3);
    return wait(NULL) > 0 ? 0 : 2;
}
