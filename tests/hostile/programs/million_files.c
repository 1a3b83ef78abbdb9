// trick: A million files with nothing in them: no bytes, but each needs an inode.
// ended: folder-limit | cpu-limit
// ended[controlled]: folder-limit | cpu-limit | step-limit
// limits: cpu_seconds=3, seconds=15
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    char name[32];
    int i;
    for (i = 0; i < 1000000; i++) {
        snprintf(name, sizeof name, "%d", i);
        close(open(name, O_CREAT | O_WRONLY, 0600));
    }
    puts("REACHED a million files");
}
