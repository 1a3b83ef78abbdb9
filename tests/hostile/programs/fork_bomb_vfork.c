// trick: A chain of vforks, none of which ever runs another program: each parent stands still.
// ended: process-limit
#include <unistd.h>

static void next(void)
{
    if (vfork() == 0)
        next();
    pause();
}

int main(void)
{
    next();
}
