// trick: Reserves a terabyte of addresses, for which no memory is needed.
// ended: memory-limit
// ended[sampled]: memory-limit | exit
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mman.h>

int main(void)
{
    void *large = mmap(0, 1UL << 40, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    puts(large == MAP_FAILED ? "held" : "REACHED a terabyte");
}
