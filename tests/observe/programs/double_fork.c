/* A grandchild whose parent ends at once: an orphan, which then ends by itself. */
#include "programs.h"
int main(void) {
    struct gate gate = gate_new();
    pid_t child = fork();
    if (child == 0) {
        if (fork() == 0) { gate_pass(gate); _exit(4); }
        _exit(0);
    }
    waitpid(child, NULL, 0);
    gate_open(gate);
    return 0;
}
