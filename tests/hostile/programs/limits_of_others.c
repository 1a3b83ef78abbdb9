// trick: Lowers the limits of another process (prlimit).
// flags: refused
// flags[sampled]: refused?
// says: ^held 2
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct rlimit few = {10, 10};
    int held = 0;
    held += prlimit(atoi(argv[2]), RLIMIT_NOFILE, &few, 0) < 0;
    held += prlimit(getppid(), RLIMIT_NOFILE, &few, 0) < 0;
    printf(held == 2 ? "held %d\n" : "REACHED limits %d\n", held);
}
