/* A child, its child, and no one waits: nothing is in any order.
 *
 * possible: "p\nc\ng\n"
 * possible: "p\ng\nc\n"
 * possible: "c\np\ng\n"
 * possible: "c\ng\np\n"
 * possible: "g\np\nc\n"
 * possible: "g\nc\np\n"
 * impossible: "p\nc\n"
 */
#include <stdio.h>
#include <unistd.h>

int main(void) {
    if (fork() == 0) {
        if (fork() == 0)
            puts("g");
        else
            puts("c");
    } else {
        puts("p");
    }
    return 0;
}
