// trick: Forks and leaves: at most two are alive, and whoever is killed has gone on already.
// ended: process-limit
// flags: orphan, unreaped-child?
// flags[controlled]: orphan?, unreaped-child?
#include <unistd.h>

int main(void)
{
    for (;;)
        if (fork())
            _exit(0);
}
