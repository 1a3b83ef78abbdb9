// trick: A POSIX timer that sends a real-time signal every microsecond.
// engines: free, controlled
// ended: time-limit | event-limit | cpu-limit
// limits: seconds=2, cpu_seconds=2
#include <signal.h>
#include <time.h>
#include <unistd.h>

static void nothing(int number)
{
}

int main(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
    struct itimerspec every = {{0, 1000}, {0, 1000}};
    timer_t timer;
    signal(SIGRTMIN, nothing);
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    timer_settime(timer, 0, &every, 0);
    for (;;)
        pause();
}
