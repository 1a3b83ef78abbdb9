// trick: Everyone forks for ever.
// ended: process-limit
#include <unistd.h>

int main(void)
{
    for (;;)
        fork();
}
