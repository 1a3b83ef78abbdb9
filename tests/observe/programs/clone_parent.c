/* A child makes a sibling with CLONE_PARENT: its parent waits for both. */
#include "programs.h"
int main(void) {
    pid_t child = fork();
    if (child == 0) {
        pid_t sibling = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
        if (sibling == 0) _exit(2);
        _exit(sibling > 0 ? 1 : 3);
    }
    waitpid(child, NULL, 0);
    return wait(NULL) > 0 && wait(NULL) == -1 ? 0 : 1;
}
