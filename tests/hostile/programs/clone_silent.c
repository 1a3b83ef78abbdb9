// trick: A child whose end sends no signal, and that shares its parent's memory and files.
// flags: unreaped-child
// says: shared 7
#define _GNU_SOURCE
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static volatile int word;
static volatile int over;

static int body(void *nothing)
{
    word = 7;
    over = 1;
    return 0;
}

int main(void)
{
    char *stack = malloc(65536);
    clone(body, stack + 65536, CLONE_VM | CLONE_FILES | CLONE_FS, 0);
    while (!over)
        usleep(1000);
    usleep(50000);
    printf("shared %d\n", word);
    fflush(stdout);
}
