/* A subreaper adopts a grandchild, alive, and another that is a zombie, and reaps both. */
#include "programs.h"
int main(void) {
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    struct gate gate = gate_new();
    pid_t child = fork();
    if (child == 0) {
        pid_t zombie = fork();
        if (zombie == 0) _exit(11);
        await_zombie(zombie);
        if (fork() == 0) { gate_pass(gate); _exit(12); }
        _exit(10);
    }
    waitpid(child, NULL, 0);
    gate_open(gate);
    int n = 0;
    while (wait(NULL) > 0) n++;
    return n == 2 ? 0 : 1;
}
