// trick: Makes itself undumpable, so that its memory may not be read, and forks.
// flags: refused?
// says: child
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int status;
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (fork() == 0) {
        puts("child");
        fflush(stdout);
        _exit(3);
    }
    wait(&status);
    return WEXITSTATUS(status);
}
