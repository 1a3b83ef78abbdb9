/* A child that sends no SIGCHLD: only __WALL and __WCLONE find it (wait(2), clone(2)). */
#include "programs.h"
static void handler(int number) { (void)number; }
int main(void) {
    int status;
    signal(SIGUSR2, handler);
    pid_t got, child = syscall(SYS_clone, 0, 0, 0, 0, 0);
    if (child == 0) _exit(13);
    if (waitpid(child, &status, 0) != -1 || errno != ECHILD) return 1;
    if (waitpid(-1, &status, __WCLONE) != child) return 2;
    child = syscall(SYS_clone, SIGUSR2, 0, 0, 0, 0);
    if (child == 0) _exit(14);
    while ((got = waitpid(child, &status, __WALL)) == -1 && errno == EINTR) ;
    return got == child ? 0 : 3;
}
