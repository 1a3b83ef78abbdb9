/* A byte in a pipe is a token: who has it may print, both of his lines.
 *
 * fates: P.1 reaped, P.2 reaped
 * output: "<P.1> in\n<P.1> out\n<P.2> in\n<P.2> out\n"
 * output: "<P.2> in\n<P.2> out\n<P.1> in\n<P.1> out\n"
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int token[2];
    char byte = 't';
    if (pipe(token) < 0)
        return 1;
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            if (read(token[0], &byte, 1) != 1)
                return 1;
            printf("%d in\n", (int)getpid());
            printf("%d out\n", (int)getpid());
            return write(token[1], &byte, 1) == 1 ? 0 : 1;
        }
    if (write(token[1], &byte, 1) != 1)
        return 1;
    wait(NULL);
    wait(NULL);
    return 0;
}
