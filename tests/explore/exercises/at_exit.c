/* The child inherits what is to be done at exit, last registered first; _exit would do nothing
 * of it.
 *
 * possible: "child\nhers\nboth\nparent\nboth\n"
 * impossible: "child\nboth\nhers\nparent\nboth\n"
 * impossible: "child\nhers\nparent\nboth\n"
 * impossible: "child\nhers\nboth\nparent\nhers\nboth\n"
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void both(void) { puts("both"); }
static void hers(void) { puts("hers"); }

int main(void) {
    atexit(both);
    if (fork() == 0) {
        atexit(hers);
        puts("child");
        exit(0);
    }
    wait(NULL);
    puts("parent");
    return 0;
}
