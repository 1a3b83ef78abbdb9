// trick: Wants to be another user, and to have its powers back.
// says: ^held
// flags: refused?
#define _GNU_SOURCE
#include <grp.h>
#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

int main(void)
{
    gid_t groups[] = {0, 1};
    int before = getuid();
    if (setgroups(2, groups) == 0)
        puts("REACHED groups");
    if (before && (setuid(0) == 0 || setresuid(0, 0, 0) == 0))
        puts("REACHED root");
    if (!before && setuid(1) == 0)
        puts("REACHED another user");
    puts("held");
}
