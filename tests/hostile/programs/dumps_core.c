// trick: Raises the limit of core dumps and ends with one.
// exit: SIGABRT
// says: dumping
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

int main(void)
{
    struct rlimit most = {RLIM_INFINITY, RLIM_INFINITY};
    if (setrlimit(RLIMIT_CORE, &most) == 0)
        puts("REACHED a core dump");
    puts("dumping");
    fflush(stdout);
    abort();
}
