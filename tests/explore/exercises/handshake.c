/* The child reads before it prints, and the parent prints before it writes.
 *
 * possible: "ready\ngo\ndone\n"
 * impossible: "go\nready\ndone\n"
 * impossible: "ready\ndone\ngo\n"
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int ends[2];
    char byte = 'x';
    if (pipe(ends) < 0)
        return 1;
    if (fork() == 0) {
        if (read(ends[0], &byte, 1) == 1)
            puts("go");
        return 0;
    }
    puts("ready");
    if (write(ends[1], &byte, 1) != 1)
        return 1;
    wait(NULL);
    puts("done");
    return 0;
}
