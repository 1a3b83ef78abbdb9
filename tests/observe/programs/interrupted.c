/* A handler without SA_RESTART interrupts a wait; one with it does not. */
#include "programs.h"
static void handler(int number) { (void)number; }
static void in_wait(pid_t pid) {
    char path[64], where[64] = "";
    snprintf(path, sizeof path, "/proc/%d/wchan", pid);
    while (strncmp(where, "do_wait", 7)) {
        FILE *file = fopen(path, "r");
        if (!fgets(where, sizeof where, file)) where[0] = 0;
        fclose(file);
        sched_yield();
    }
}
int main(void) {
    for (int restarts = 0; restarts < 2; restarts++) {
        struct sigaction action = {.sa_handler = handler, .sa_flags = restarts ? SA_RESTART : 0};
        sigaction(SIGUSR1, &action, NULL);
        pid_t me = getpid(), child = fork();
        if (child == 0) {
            in_wait(me);
            kill(me, SIGUSR1);
            if (!restarts) pause(); /* until it is told that the wait was interrupted */
            for (int i = 0; i < 100; i++) sched_yield();
            _exit(0);
        }
        pid_t got = waitpid(child, NULL, 0);
        if (restarts) { if (got != child) return 1; continue; }
        if (got != -1 || errno != EINTR) return 2;
        kill(child, SIGKILL);
        if (waitpid(child, NULL, 0) != child) return 3;
    }
    return 0;
}
