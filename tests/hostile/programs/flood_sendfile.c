// trick: Fills the output with calls that are no write: sendfile, splice and tee.
// ended: output-limit | exit | folder-limit | file-limit
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
    char block[4096] = {0};
    int i, file = open("source", O_RDWR | O_CREAT, 0600), ends[2];
    for (i = 0; i < 100; i++)
        write(file, block, sizeof block);
    pipe(ends);
    for (i = 0; i < 50; i++) {
        off_t from = 0;
        sendfile(1, file, &from, 400000);
        from = 0;
        splice(file, &from, ends[1], 0, 60000, SPLICE_F_NONBLOCK);
        tee(ends[0], 1, 60000, SPLICE_F_NONBLOCK);
        splice(ends[0], 0, 1, 0, 60000, SPLICE_F_NONBLOCK);
    }
}
