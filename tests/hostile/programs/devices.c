// trick: Makes device files of the disk and of memory.
// flags: refused
// flags[sampled]: refused?
// says: ^held 3
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

int main(void)
{
    int held = 0;
    held += mknod("disk", S_IFBLK | 0600, makedev(254, 0)) < 0;
    held += mknod("memory", S_IFCHR | 0600, makedev(1, 1)) < 0;
    held += open("/dev/mem", O_RDWR) < 0 && open("/dev/kmsg", O_RDONLY) < 0;
    printf(held == 3 ? "held %d\n" : "REACHED devices %d\n", held);
}
