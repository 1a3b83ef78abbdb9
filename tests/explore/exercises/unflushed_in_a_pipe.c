/* In a pipe even whole lines are held back; _exit drops what is held, exit does not.
 *
 * stdio: pipe
 * possible: "start\nparent\nstart\nfirst\n"
 * possible: "start\nfirst\nstart\nparent\n"
 * impossible: "start\nfirst\nparent\n"
 * impossible: "start\nparent\nstart\nfirst\nstart\nsecond\n"
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void) {
    puts("start");
    if (fork() == 0) {
        puts("first");
        exit(0);
    }
    if (fork() == 0) {
        puts("second");
        _exit(0);
    }
    puts("parent");
    return 0;
}
