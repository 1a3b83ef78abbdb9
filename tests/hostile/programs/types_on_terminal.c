// trick: Types commands on the terminal for whoever reads it next (TIOCSTI, TIOCLINUX).
// flags: refused
// flags[sampled]: refused?
// says: ^held
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char *command = "echo REACHED\n", *letter, paste = 3;
    int fds[] = {0, 1, 2, open("/dev/tty", O_RDWR), open(argv[3], O_RDWR), open("/dev/console", O_RDWR)}, i;
    for (i = 0; i < 6; i++) {
        if (fds[i] < 0)
            continue;
        for (letter = command; *letter; letter++)
            if (ioctl(fds[i], TIOCSTI, letter) == 0) {
                puts("REACHED the keyboard");
                break;
            }
        if (ioctl(fds[i], TIOCLINUX, &paste) == 0)
            puts("REACHED the console");
    }
    puts("held");
}
