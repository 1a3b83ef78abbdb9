// trick: Reads and fills the kernel's key rings, which outlive it.
// flags: refused
// flags[sampled]: refused?
// says: ^held 2
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    int held = 0;
    held += syscall(SYS_add_key, "user", "hostile-leftover", "x", 1, -5) < 0;
    held += syscall(SYS_keyctl, 0, -4, 1) < 0; /* the user's ring, made if it is not there */
    printf(held == 2 ? "held %d\n" : "REACHED keys %d\n", held);
}
