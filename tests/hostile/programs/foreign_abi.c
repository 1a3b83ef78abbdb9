// trick: Forks by the 32-bit ABI, whose call numbers mean something else.
// machine: x86_64
// says: held: ENOSYS
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    long result;
    __asm__ volatile("int $0x80" : "=a"(result) : "a"(2) : "memory");
    if (result == 0)
        _exit(0);
    puts(result == -38 ? "held: ENOSYS" : "REACHED the 32-bit ABI");
}
