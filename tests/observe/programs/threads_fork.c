/* Two threads, one after the other, fork; each waits for the other's child. */
#include "programs.h"
static pid_t child;
static void *forks(void *code) {
    child = fork();
    if (child == 0) _exit((int)(long)code);
    return NULL;
}
static void *waits(void *unused) {
    (void)unused;
    waitpid(child, NULL, 0);
    return NULL;
}
static void in_thread(void *(*body)(void *), long argument) {
    pthread_t id;
    pthread_create(&id, NULL, body, (void *)argument);
    pthread_join(id, NULL);
}
int main(void) {
    in_thread(forks, 1);
    in_thread(waits, 0);
    in_thread(forks, 2);
    waitpid(child, NULL, 0);
    return 0;
}
