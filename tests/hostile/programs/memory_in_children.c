// trick: Each child takes less than a process may have; together they take much more.
// ended: memory-limit
// ended[controlled]: memory-limit | exit
// limits: tree_memory_bytes=300000000, seconds=10
// engines: free, sampled
// flags: orphan?
// why: on a small system twenty such children would be too many
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
    int i;
    for (i = 0; i < 20; i++)
        if (fork() == 0) {
            int j;
            for (j = 0; j < 100; j++) {
                memset(malloc(1000000), 1, 1000000);
                usleep(2000);
            }
            pause();
        }
    pause();
}
