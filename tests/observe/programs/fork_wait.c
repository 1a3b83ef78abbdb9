/* Three children with exit codes; wait, in the order of their exits, until there are none. */
#include "programs.h"
int main(void) {
    for (int i = 1; i <= 3; i++) {
        pid_t child = fork();
        if (child == 0) _exit(i);
        await_zombie(child);
    }
    int n = 0;
    while (wait(NULL) > 0) n++;
    return n == 3 && errno == ECHILD ? 0 : 1;
}
