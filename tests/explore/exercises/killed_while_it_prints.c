/* A signal may come at any moment of the child's life.
 *
 * possible: "killed by 15\n"
 * possible: "a\nkilled by 15\n"
 * possible: "a\nb\nkilled by 15\n"
 * impossible: "b\nkilled by 15\n"
 * impossible: "a\nb\n"
 */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    pid_t child = fork();
    if (child == 0) {
        puts("a");
        puts("b");
        for (;;)
            pause();
    }
    int status;
    kill(child, SIGTERM);
    waitpid(child, &status, 0);
    printf("killed by %d\n", WTERMSIG(status));
    return 0;
}
