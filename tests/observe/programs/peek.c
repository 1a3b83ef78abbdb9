/* WNOWAIT: the same zombie is told of three times, and collected once. */
#include "programs.h"
int main(void) {
    siginfo_t info;
    pid_t child = fork();
    if (child == 0) _exit(7);
    waitid(P_ALL, 0, &info, WEXITED | WNOWAIT);
    waitid(P_PID, child, &info, WEXITED | WNOWAIT | WNOHANG);
    return waitpid(child, NULL, 0) == child ? 0 : 1;
}
