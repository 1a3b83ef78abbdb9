// trick: Runs a copy of itself that is in no folder (memfd_create).
// flags: refused?
// says: held|from memory
// why: whether memfd_create is there or not, nothing that follows may be unseen
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct stat status;
    int from = open("/proc/self/exe", O_RDONLY), to = memfd_create("x", 0);
    char *again[] = {"copy", 0}, *nothing[] = {0};
    if (argc == 1)
        return puts("from memory") < 0;
    fstat(from, &status);
    sendfile(to, from, 0, status.st_size);
    fexecve(to, again, nothing);
    puts("held");
}
