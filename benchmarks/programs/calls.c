/* Makes one call N times that an observer stops at, and prints the nanoseconds that this
 * took, by its own clock.
 *
 *     calls N entry     prctl(PR_SET_DUMPABLE, 1): the engine needs no result of it
 *     calls N return    dup2(0, 9): stops at its entry and at its return, makes an event
 *     calls N write     write of 41 bytes: its bytes are read, too
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
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
    if (count < 3)
        return 2;
    int n = atoi(words[1]);
    const char *line = "a line of forty bytes, as programs do it\n";
    long began = now();
    for (int i = 0; i < n; i++) {
        long result;
        if (!strcmp(words[2], "entry"))
            result = prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
        else if (!strcmp(words[2], "return"))
            result = dup2(0, 9);
        else
            result = write(1, line, strlen(line));
        if (result < 0)
            return 1;
    }
    printf("%ld\n", now() - began);
    return 0;
}
