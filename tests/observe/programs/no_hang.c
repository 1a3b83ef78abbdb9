/* WNOHANG: nothing while the child lives, then a loop until it is there. */
#include "programs.h"
int main(void) {
    struct gate gate = gate_new();
    pid_t child = fork(), got;
    if (child == 0) { gate_pass(gate); _exit(8); }
    if (waitpid(-1, NULL, WNOHANG) != 0) return 1;
    gate_open(gate);
    while ((got = waitpid(child, NULL, WNOHANG)) == 0) sched_yield();
    return got == child ? 0 : 2;
}
