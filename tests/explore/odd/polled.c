/* poll says that there is something to read, or that nobody will write any more.
 *
 * fates: P.1 reaped
 * output: "x\nend\n"
 */
#include <poll.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    int ends[2];
    char byte;
    if (pipe(ends) < 0)
        return 1;
    if (fork() == 0)
        _exit(write(ends[1], "x", 1) == 1 ? 0 : 1);
    close(ends[1]);
    struct pollfd asked = {.fd = ends[0], .events = POLLIN};
    while (poll(&asked, 1, -1) == 1 && read(ends[0], &byte, 1) == 1)
        printf("%c\n", byte);
    wait(NULL);
    puts("end");
    return 0;
}
