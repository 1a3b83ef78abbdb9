// trick: Leaves a POSIX message queue and a named semaphore.
// flags: refused
// flags[sampled]: refused?
// says: ^held 2
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdio.h>

int main(void)
{
    int held = 0;
    held += mq_open("/hostile-leftover", O_CREAT | O_RDWR, 0600, 0) < 0;
    held += sem_open("/hostile-leftover", O_CREAT, 0600, 1) == SEM_FAILED;
    printf(held == 2 ? "held %d\n" : "REACHED queues %d\n", held);
}
