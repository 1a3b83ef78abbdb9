// trick: Has the kernel make its calls (io_uring), so that no filter and no tracer sees them.
// flags: refused
// flags[sampled]: refused?
// says: ^held
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    char parameters[120];
    memset(parameters, 0, sizeof parameters);
    puts(syscall(425, 4, parameters) < 0 ? "held" : "REACHED io_uring");
}
