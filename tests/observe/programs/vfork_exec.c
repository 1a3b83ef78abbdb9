/* vfork, then exec in one child and _exit in the other. */
#include "programs.h"
int main(void) {
    int status;
    pid_t child = vfork();
    if (child == 0) { execl("/bin/true", "true", "vforked", (char *)0); _exit(9); }
    waitpid(child, &status, 0);
    child = vfork();
    if (child == 0) _exit(5);
    return waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 5 ? 0 : 1;
}
