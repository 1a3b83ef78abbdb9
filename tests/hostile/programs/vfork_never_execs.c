// trick: The child of a vfork neither runs a program nor exits: its parent stands still.
// ended: time-limit
// ended[controlled]: deadlock | time-limit
// limits: seconds=1.5
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    if (vfork() == 0)
        for (;;)
            pause();
    puts("the child has left");
}
