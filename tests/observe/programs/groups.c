/* wait for a process group: 0 and -pgid; a signal to a whole group. */
#include "programs.h"
int main(void) {
    pid_t leader = fork();
    if (leader == 0) { setpgid(0, 0); for (;;) pause(); }
    setpgid(leader, leader);
    pid_t member = fork();
    if (member == 0) { setpgid(0, leader); for (;;) pause(); }
    setpgid(member, leader);
    pid_t own = fork();
    if (own == 0) _exit(1);
    if (waitpid(0, NULL, 0) != own) return 1;
    kill(-leader, SIGTERM);
    for (int i = 0; i < 2; i++)
        if (waitpid(-leader, NULL, 0) <= 0) return 2;
    return waitpid(-leader, NULL, 0) == -1 ? 0 : 3;
}
