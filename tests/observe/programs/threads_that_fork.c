/* A fork bomb by threads: four of them, each of which forks. */
#include "programs.h"
#include <pthread.h>
static void *forks(void *nothing) {
    for (;;) if (fork() == 0) pause();
}
int main(void) {
    pthread_t thread;
    for (int i = 0; i < 4; i++) pthread_create(&thread, NULL, forks, NULL);
    for (;;) pause();
}
