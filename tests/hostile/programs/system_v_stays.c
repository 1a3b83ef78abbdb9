// trick: Leaves System V shared memory, semaphores and a message queue, which outlive it.
// flags: refused
// flags[sampled]: refused?
// says: ^held 3
#include <stdio.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

int main(void)
{
    int key = 0x48057100, held = 0;
    held += shmget(key, 1000000, IPC_CREAT | 0600) < 0;
    held += semget(key, 1, IPC_CREAT | 0600) < 0;
    held += msgget(key, IPC_CREAT | 0600) < 0;
    printf(held == 3 ? "held %d\n" : "REACHED System V %d\n", held);
}
