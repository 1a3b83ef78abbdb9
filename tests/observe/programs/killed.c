/* Children that signals end: sent by the parent, by themselves, by a fault, by abort. */
#include "programs.h"
int main(void) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    int expected[] = {SIGKILL, SIGTERM, SIGUSR1, SIGSEGV, SIGABRT, SIGRTMIN + 3};
    for (int i = 0; i < 6; i++) {
        int status;
        pid_t child = fork();
        if (child == 0) {
            switch (i) {
            case 2: raise(SIGUSR1); break;
            case 3: *(volatile int *)0 = 1; break;
            case 4: abort();
            }
            for (;;) pause();
        }
        if (i < 2 || i == 5) kill(child, expected[i]);
        waitpid(child, &status, 0);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != expected[i]) return i + 1;
    }
    return 0;
}
