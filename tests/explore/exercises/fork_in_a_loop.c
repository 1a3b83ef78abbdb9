/* Two rounds of fork, and only the child prints; the first child goes into the second round too, so
 * that one of the ones comes after the zero.
 *
 * possible: "0\n1\n1\n"
 * possible: "1\n0\n1\n"
 * impossible: "1\n1\n0\n"
 * impossible: "0\n1\n"
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    for (int i = 0; i < 2; i++)
        if (fork() == 0)
            printf("%d\n", i);
    while (wait(NULL) > 0)
        ;
    return 0;
}
