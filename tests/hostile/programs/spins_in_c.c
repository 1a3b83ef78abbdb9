// trick: Computes for ever with every signal blocked.
// ended: cpu-limit
// limits: cpu_seconds=0.5
#include <signal.h>

int main(void)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, 0);
    for (;;)
        ;
}
