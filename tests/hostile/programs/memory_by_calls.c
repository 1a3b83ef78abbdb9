// trick: Reads and writes the memory of other processes (process_vm_readv, process_vm_writev).
// flags: refused
// flags[sampled]: refused?
// says: held 4
// needs: files
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char word[9];
    struct iovec here = {word, 9}, there = {(void *)strtoul(argv[6], 0, 10), 9};
    int pids[] = {atoi(argv[2]), getppid()}, i, held = 0;
    for (i = 0; i < 2; i++) {
        held += process_vm_readv(pids[i], &here, 1, &there, 1, 0) < 0;
        held += process_vm_writev(pids[i], &here, 1, &there, 1, 0) < 0;
    }
    printf(held == 4 ? "held %d\n" : "REACHED memory %d\n", held);
}
