// trick: Hangs up its terminal, makes it exclusive, and resizes it.
// flags: refused?
// says: after
// needs: files
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(void)
{
    struct winsize size = {1, 1};
    signal(SIGHUP, SIG_IGN);
    ioctl(1, TIOCSWINSZ, &size);
    ioctl(1, TIOCEXCL);
    if (vhangup() == 0)
        write(2, "REACHED vhangup\n", 16);
    puts("after");
}
