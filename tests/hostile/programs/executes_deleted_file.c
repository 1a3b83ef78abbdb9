// trick: Runs a copy of itself that is deleted already.
// says: deleted
#include <fcntl.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct stat status;
    int from = open("/proc/self/exe", O_RDONLY), to;
    char *again[] = {"copy", 0}, *nothing[] = {0};
    if (argc == 1)
        return puts("deleted") < 0;
    fstat(from, &status);
    to = open("copy", O_CREAT | O_WRONLY, 0700);
    sendfile(to, from, 0, status.st_size);
    close(to);
    to = open("copy", O_RDONLY);
    unlink("copy");
    fexecve(to, again, nothing);
    perror("fexecve");
}
