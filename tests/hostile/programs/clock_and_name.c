// trick: Sets the clock (to what it says already), the system's name, and the like.
// flags: refused
// flags[sampled]: refused?
// says: ^held 4
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
    struct timespec now;
    struct timex adjust = {.modes = ADJ_TICK, .tick = 10000};
    char name[256];
    int held = 0;
    clock_gettime(CLOCK_REALTIME, &now);
    gethostname(name, sizeof name);
    held += clock_settime(CLOCK_REALTIME, &now) < 0;
    held += adjtimex(&adjust) < 0;
    held += sethostname("REACHED", 7) < 0;
    held += syscall(SYS_acct, "hostile-leftover") < 0;
    printf(held == 4 ? "held %d\n" : "REACHED the system %d\n", held);
}
