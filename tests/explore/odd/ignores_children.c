/* SIGCHLD ignored: the kernel collects the children, and wait comes back when all have ended.
 *
 * fates: P.1 auto-reaped, P.2 auto-reaped
 * output: "a\nb\nnobody\n"
 * output: "b\na\nnobody\n"
 */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            puts(i ? "b" : "a");
            return 0;
        }
    if (wait(NULL) < 0)
        puts("nobody");
    return 0;
}
