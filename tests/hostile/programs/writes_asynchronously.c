// trick: Writes to its output by the kernel's asynchronous calls (io_submit), which are no write.
// flags: refused
// says: ^held
#include <linux/aio_abi.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    aio_context_t context = 0;
    char *text = "REACHED the output\n";
    struct iocb request = {0}, *requests[] = {&request};
    struct io_event done;
    if (syscall(SYS_io_setup, 4, &context) < 0) {
        puts("held");
        return 0;
    }
    request.aio_lio_opcode = IOCB_CMD_PWRITE;
    request.aio_fildes = 1;
    request.aio_buf = (unsigned long)text;
    request.aio_nbytes = strlen(text);
    if (syscall(SYS_io_submit, context, 1, requests) == 1)
        syscall(SYS_io_getevents, context, 1, 1, &done, 0);
    puts("held");
}
