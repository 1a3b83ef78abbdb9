// trick: Hangs extended attributes on foreign files, which need no right to open them.
// flags: refused
// flags[sampled]: refused?
// says: held 2
// needs: files
#include <fcntl.h>
#include <stdio.h>
#include <sys/xattr.h>

int main(int argc, char **argv)
{
    char name[4096];
    int held = 0;
    snprintf(name, sizeof name, "%s/diary.txt", argv[1]);
    held += setxattr(name, "user.hostile", "x", 1, 0) < 0;
    held += removexattr(name, "user.hostile") < 0;
    printf(held == 2 ? "held %d\n" : "REACHED attributes %d\n", held);
}
