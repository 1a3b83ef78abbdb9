/* waitid without a siginfo_t, peeking and collecting. */
#include "programs.h"
int main(void) {
    pid_t one = fork();
    if (one == 0) _exit(1);
    pid_t two = fork();
    if (two == 0) _exit(2);
    await_zombie(two);
    if (waitid(P_PID, one, NULL, WEXITED)) return 1;
    if (waitid(P_PID, two, NULL, WEXITED)) return 2;
    return waitid(P_PID, two, NULL, WEXITED) == -1 ? 0 : 3;
}
