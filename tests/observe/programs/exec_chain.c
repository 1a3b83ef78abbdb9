/* The same process runs program after program; a failed exec changes nothing. */
#include "programs.h"
int main(int argc, char **argv) {
    int left = argc > 1 ? atoi(argv[1]) : 3;
    char words[16];
    if (left == 0) { execl("/no/such/program", "x", (char *)0); return 42; }
    snprintf(words, sizeof words, "%d", left - 1);
    execl("/proc/self/exe", "chain", words, (char *)0);
    return 1;
}
