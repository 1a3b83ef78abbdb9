// trick: Leaves thirty stopped children, which no SIGTERM would end.
// ended: time-limit
// ended[controlled]: deadlock | time-limit
// flags: orphan
// limits: seconds=4
#include <signal.h>
#include <unistd.h>

int main(void)
{
    int i;
    for (i = 0; i < 30; i++) // (the kernel wakes orphans that are stopped, with SIGHUP)
        if (fork() == 0) {
            signal(SIGHUP, SIG_IGN);
            for (;;)
                raise(SIGSTOP);

        }
}
