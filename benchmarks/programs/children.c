/* Forks N children that each write a line, and waits for all of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int children = argc > 1 ? atoi(argv[1]) : 2;
    for (int n = 1; n <= children; n++) {
        if (fork() == 0) {
            char line[32];
            int length = snprintf(line, sizeof line, "child %d\n", n);
            return write(1, line, length) != length;
        }
    }
    while (wait(NULL) > 0)
        ;
    return 0;
}
