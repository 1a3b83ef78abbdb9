// trick: A folder of /proc is a descriptor of its process, and can be signalled.
// flags: refused
// flags[sampled]: refused?
// says: ^over
// needs: signals
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char name[64];
    int folder;
    snprintf(name, sizeof name, "/proc/%s", argv[2]);
    folder = open(name, O_RDONLY | O_DIRECTORY);
    if (syscall(SYS_pidfd_send_signal, folder, SIGUSR1, 0, 0) == 0)
        puts("REACHED the sleeper by its folder");
    folder = open(name, O_PATH | O_DIRECTORY);
    if (syscall(SYS_pidfd_send_signal, folder, SIGUSR1, 0, 0) == 0)
        puts("REACHED the sleeper by the path of its folder");
    puts("over");
}
