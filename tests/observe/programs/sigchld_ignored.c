/* SIGCHLD ignored: the kernel discards the children, and wait finds none. */
#include "programs.h"
int main(void) {
    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) _exit(i);
    return wait(NULL) == -1 && errno == ECHILD ? 0 : 1;
}
