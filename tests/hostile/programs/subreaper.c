// trick: Makes itself the reaper of its orphans, and clears the signal that its parent's end would send.
// flags: orphan, failed-wait
// flags[controlled]: orphan?, failed-wait, unreaped-child?
// says: collected 2
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    int collected = 0;
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
    if (fork() == 0) {
        if (fork() == 0) {
            usleep(100000);
            _exit(0);
        }
        _exit(0);
    }
    while (wait(0) > 0)
        collected++;
    printf("collected %d\n", collected);
}
