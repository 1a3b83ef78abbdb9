/* Whether there is a reader when the child writes depends on who is first.
 *
 * possible: "written\nexit 0\n"
 * possible: "killed by 13\n"
 * impossible: "written\nkilled by 13\n"
 * impossible: "exit 0\n"
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int ends[2], status;
    if (pipe(ends) < 0)
        return 1;
    if (fork() == 0) {
        close(ends[0]);
        if (write(ends[1], "x", 1) == 1)
            puts("written");
        return 0;
    }
    close(ends[0]);
    wait(&status);
    if (WIFSIGNALED(status))
        printf("killed by %d\n", WTERMSIG(status));
    else
        printf("exit %d\n", WEXITSTATUS(status));
    return 0;
}
