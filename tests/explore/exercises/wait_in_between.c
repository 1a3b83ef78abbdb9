/* The first child has ended before the second one is made.
 *
 * possible: "first\nsecond\nparent\n"
 * possible: "first\nparent\nsecond\n"
 * impossible: "second\nfirst\nparent\n"
 * impossible: "parent\nfirst\nsecond\n"
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    pid_t first = fork();
    if (first == 0) {
        puts("first");
        return 0;
    }
    waitpid(first, NULL, 0);
    if (fork() == 0) {
        puts("second");
        return 0;
    }
    puts("parent");
    return 0;
}
