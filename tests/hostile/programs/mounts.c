// trick: Mounts, unmounts, and changes its root.
// flags: refused
// flags[sampled]: refused?
// says: ^held 6
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    int held = 0;
    mkdir("hostile-leftover", 0700);
    held += mount("none", "hostile-leftover", "tmpfs", 0, 0) < 0;
    held += mount("/", "hostile-leftover", 0, MS_BIND, 0) < 0;
    held += umount2("hostile-leftover", MNT_DETACH) < 0;
    held += syscall(SYS_pivot_root, ".", ".") < 0;
    held += chroot(".") < 0;
    held += syscall(428, -1, "/", 1) < 0; /* open_tree, to clone it */
    printf(held == 6 ? "held %d\n" : "REACHED mounts %d\n", held);
}
