/* A clone that cannot be: CLONE_SIGHAND without CLONE_VM (clone(2), EINVAL). */
#include "programs.h"
int main(void) {
    return syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0) == -1 && errno == EINVAL ? 0 : 1;
}
