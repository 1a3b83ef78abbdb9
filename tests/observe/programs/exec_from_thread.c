/* A thread that is not the leader execs: it takes over the leader's pid. */
#include "programs.h"
static void *thread(void *unused) {
    (void)unused;
    execl("/bin/sh", "sh", "-c", "exit 6", (char *)0);
    return NULL;
}
int main(int argc, char **argv) {
    (void)argv;
    if (argc > 1) { pthread_t id; pthread_create(&id, NULL, thread, NULL); for (;;) pause(); }
    int status;
    pid_t child = fork();
    if (child == 0) { execl("/proc/self/exe", "again", "threaded", (char *)0); _exit(9); }
    return waitpid(child, &status, 0) == child && WEXITSTATUS(status) == 6 ? 0 : 1;
}
