// trick: Writes a line by each call that can write to a stream; none may be lost or told twice.
// flags: refused?
// says: (?s)writev.*pwritev2.*reopened
#define _GNU_SOURCE
#include <fcntl.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static struct iovec of(char *text)
{
    struct iovec part = {text, strlen(text)};
    return part;
}

int main(void)
{
    struct iovec first = of("writev\n"), second = of("pwritev2\n"), third = of("vmsplice\n");
    int again;
    writev(1, &first, 1);
    pwritev2(1, &second, 1, -1, 0);
    vmsplice(1, &third, 1, 0);
    again = open("/proc/self/fd/1", O_WRONLY);
    write(again < 0 ? 1 : again, "reopened\n", 9);
}
