/* system(3) and popen(3). */
#include "programs.h"
int main(void) {
    char line[80];
    if (WEXITSTATUS(system("exit 2")) != 2) return 1;
    FILE *pipe = popen("echo hello; exit 4", "r");
    if (!pipe || !fgets(line, sizeof line, pipe)) return 2;
    if (WEXITSTATUS(pclose(pipe)) != 4) return 3;
    return strcmp(line, "hello\n") ? 4 : 0;
}
