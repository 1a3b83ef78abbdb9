// trick: Loads programs into the kernel: bpf, perf events, modules, userfaultfd.
// flags: refused
// flags[sampled]: refused?
// says: ^held 4
#define _GNU_SOURCE
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
    struct perf_event_attr event = {.type = PERF_TYPE_SOFTWARE, .size = sizeof event};
    unsigned map[20] = {2, 4, 4, 1}; /* BPF_MAP_TYPE_ARRAY */
    int held = 0;
    held += syscall(SYS_bpf, 0, map, sizeof map) < 0;
    held += syscall(SYS_perf_event_open, &event, 0, -1, -1, 0) < 0;
    held += syscall(SYS_init_module, "", 0, "") < 0;
    held += syscall(SYS_userfaultfd, 1) < 0;
    printf(held == 4 ? "held %d\n" : "REACHED the kernel %d\n", held);
}
