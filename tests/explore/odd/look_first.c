/* waitid with WNOWAIT looks at the child and leaves it to be waited for.
 *
 * fates: P.1 reaped
 * output: "7 7 1\n"
 */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    siginfo_t info;
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(7);
    waitid(P_PID, child, &info, WEXITED | WNOWAIT);
    pid_t found = waitpid(child, &status, 0);
    printf("%d %d %d\n", info.si_status, WEXITSTATUS(status), found == child);
    return 0;
}
