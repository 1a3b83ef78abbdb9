// trick: Runs itself again and again in one process, which never ends and never forks.
// ended: event-limit | cpu-limit
// ended[controlled]: step-limit | event-limit | cpu-limit
// ended[sampled]: cpu-limit
// limits: cpu_seconds=1, events=200
#include <unistd.h>

int main(int argc, char **argv)
{
    execv("/proc/self/exe", argv);
}
