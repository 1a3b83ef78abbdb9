/* posix_spawn, of a program that is there and of one that is not. */
#include "programs.h"
extern char **environ;
int main(void) {
    pid_t child;
    char *words[] = {"sh", "-c", "exit 3", NULL};
    int status;
    if (posix_spawn(&child, "/bin/sh", NULL, NULL, words, environ)) return 1;
    waitpid(child, &status, 0);
    if (posix_spawn(&child, "/no/such/program", NULL, NULL, words, environ) != ENOENT) return 2;
    return WEXITSTATUS(status) == 3 ? 0 : 3;
}
