/* The reader has the write end itself, so the end of the file never comes.
 *
 * ends: deadlock
 * possible: "1 byte\n"
 * impossible: "1 byte\nend\n"
 * impossible: "end\n"
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
        while (read(ends[0], &byte, 1) == 1)
            puts("1 byte");
        puts("end");
        return 0;
    }
    if (write(ends[1], &byte, 1) != 1)
        return 1;
    close(ends[1]);
    wait(NULL);
    return 0;
}
