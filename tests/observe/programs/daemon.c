/* A daemon as textbooks make one: fork, setsid, fork, chdir, close. */
#include "programs.h"
int main(void) {
    struct gate gate = gate_new();
    pid_t child = fork();
    if (child == 0) {
        setsid();
        if (fork() == 0) {
            chdir("/");
            for (int fd = 0; fd < 3; fd++) close(fd);
            gate_pass(gate);
            _exit(0);
        }
        _exit(0);
    }
    waitpid(child, NULL, 0);
    return 0;
}
