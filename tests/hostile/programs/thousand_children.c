// trick: A thousand children, which outlive it.
// ended: time-limit
// ended[controlled]: deadlock | time-limit
// flags: orphan
// limits: processes=1100, processes_alive=1100, seconds=8, events=50000, steps=20000
// engines: free
// stdio: pipe
// says: ^leaving \d+$
// why: under control each child's first step would be a choice, and there is nothing to find;
//    two thousand at the same time would be more than small systems allow
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    int i;
    for (i = 0; i < 1000; i++) {
        int child = fork();
        if (child == 0)
            for (;;)
                pause();
        if (child < 0)
            break;
    }
    printf("leaving %d\n", i);
}
