/* Forks as many children as asked, all at once; each exits at once; waits for all. */
#include "programs.h"
int main(int argc, char **argv) {
    int many = argc > 1 ? atoi(argv[1]) : 300, n = 0;
    for (int i = 0; i < many; i++) {
        pid_t child = fork();
        if (child == 0) _exit(i % 256);
        if (child < 0) return 1;
    }
    while (wait(NULL) > 0) n++;
    return n == many ? 0 : 2;
}
