// trick: A file of a terabyte that takes no room: by truncate, fallocate and a far write.
// ended: file-limit | exit
// exit: any
// says: held 3
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    off_t far = (off_t)1 << 40;
    int held = 0, file = open("sparse", O_CREAT | O_RDWR, 0600);
    signal(SIGXFSZ, SIG_IGN);
    held += ftruncate(file, far) < 0;
    held += fallocate(file, 0, 0, far) < 0;
    held += pwrite(file, "x", 1, far) < 0;
    printf(held == 3 ? "held %d\n" : "REACHED a terabyte %d\n", held);
}
