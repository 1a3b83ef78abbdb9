/* A grandchild that nobody has to wait for: its parent ends at once and is waited for.
 *
 * fates: P.1 reaped, P.1.1 orphaned
 * fates: P.1 reaped, P.1.1 unreaped
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    pid_t child = fork();
    if (child == 0) {
        if (fork() == 0)
            puts("grandchild");
        return 0;
    }
    waitpid(child, NULL, 0);
    return 0;
}
