/* Two processes after one fork, and nobody waits.
 *
 * possible: "parent\nchild\n"
 * possible: "child\nparent\n"
 * impossible: "parent\n"
 * impossible: "child\n"
 */
#include <stdio.h>
#include <unistd.h>

int main(void) {
    if (fork() == 0)
        puts("child");
    else
        puts("parent");
    return 0;
}
