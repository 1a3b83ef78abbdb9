// trick: Two thousand folders, each in the last: no path is long enough for them, no stack deep enough.
// ended: exit | folder-limit
// ended[controlled]: exit | folder-limit | step-limit
// limits: folder_bytes=100000000, cpu_seconds=20, seconds=30
// says[free]: deep
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    int i;
    for (i = 0; i < 2200; i++)
        if (mkdir("d", 0700) < 0 || chdir("d") < 0)
            break;
    printf("deep %d\n", i);
}
