/* Forks children that exit at once and waits for each: one after another, or all alive
 * together. Prints the nanoseconds that this took, by its own clock.
 *
 *     fork_wait N [together]
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000L + t.tv_nsec;
}

int main(int count, char **words)
{
    int n = count > 1 ? atoi(words[1]) : 300, together = count > 2;
    int gate[2];
    if (pipe(gate) != 0)
        return 1;
    long began = now();
    for (int i = 0; i < n; i++) {
        pid_t child = fork();
        if (child < 0)
            return 1;
        if (child == 0) {
            char c;
            if (together) {
                close(gate[1]);
                if (read(gate[0], &c, 1) != 0)
                    _exit(1);
            }
            _exit(0);
        }
        if (!together && waitpid(child, NULL, 0) != child)
            return 1;
    }
    close(gate[1]);
    for (int i = 0; together && i < n; i++)
        if (wait(NULL) < 0)
            return 1;
    printf("%ld\n", now() - began);
    return 0;
}
