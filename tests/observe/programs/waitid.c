/* waitid for a pid, for a group, for any, by pidfd, and for nobody. */
#include "programs.h"
int main(void) {
    siginfo_t info;
    pid_t child[4];
    for (int i = 0; i < 4; i++) {
        child[i] = fork();
        if (child[i] == 0) { if (i == 1) setpgid(0, 0); _exit(20 + i); }
        if (i == 1) setpgid(child[1], child[1]);
        await_zombie(child[i]);
    }
    waitid(P_PID, child[2], &info, WEXITED);
    waitid(P_PGID, child[1], &info, WEXITED);
    waitid(P_ALL, 0, &info, WEXITED | WSTOPPED);
    int fd = syscall(SYS_pidfd_open, child[3], 0);
    waitid(P_PIDFD, fd, &info, WEXITED);
    return waitid(P_ALL, 0, &info, WEXITED) == -1 && errno == ECHILD ? 0 : 1;
}
