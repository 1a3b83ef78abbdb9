/* Each child in a process group of its own; the parent waits for the groups, the last one first.
 * Both sides set the group, as a shell does.
 *
 * fates: P.1 reaped, P.2 reaped
 * output: "2\n1\n"
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    pid_t children[2];
    for (int i = 0; i < 2; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            setpgid(0, 0);
            _exit(i + 1);
        }
        setpgid(children[i], children[i]);
    }
    for (int i = 1; i >= 0; i--) {
        int status;
        if (waitpid(-children[i], &status, 0) == children[i])
            printf("%d\n", WEXITSTATUS(status));
    }
    return 0;
}
