// trick: Hides memory in files that have no name and are in no folder (memfd_create).
// ended: exit | memory-limit | file-limit | descriptor-limit
// flags: refused
// says: held
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(void)
{
    static char block[1000000];
    long total = 0;
    memset(block, 1, sizeof block);
    for (;;) {
        int i, file = memfd_create("hidden", 0);
        if (file < 0)
            break;
        for (i = 0; i < 40; i++) {
            if (write(file, block, sizeof block) <= 0)
                break;
            total += sizeof block;
        }
        if (total > 600000000) {
            puts("REACHED memory without a limit");
            return 0;
        }
    }
    puts("held");
}
