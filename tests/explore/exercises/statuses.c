/* wait gives the children as they end, each with its own status.
 *
 * possible: "<P.1> 3\n<P.2> 4\n"
 * possible: "<P.2> 4\n<P.1> 3\n"
 * impossible: "<P.1> 4\n<P.2> 3\n"
 * impossible: "<P.1> 768\n<P.2> 1024\n"
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 2; i++)
        if (fork() == 0)
            _exit(3 + i);
    int status;
    pid_t child;
    while ((child = wait(&status)) > 0)
        printf("%d %d\n", (int)child, WEXITSTATUS(status));
    return 0;
}
