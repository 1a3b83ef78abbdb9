// trick: Looks for descriptors that the grader forgot to close, and writes into them.
// says: ^none
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    int i, found = 0;
    for (i = 3; i < 4096; i++)
        if (fcntl(i, F_GETFD) >= 0) {
            write(i, "{}", 2);
            found++;
            printf("REACHED descriptor %d\n", i);
        }
    if (!found)
        puts("none");
}
