/* A variable is two variables after the fork: the parent counts 11, 22, the child 7, 14.
 *
 * possible: "11\n22\n7\n14\n"
 * possible: "11\n7\n22\n14\n"
 * possible: "11\n7\n14\n22\n"
 * possible: "7\n11\n22\n14\n"
 * possible: "7\n11\n14\n22\n"
 * possible: "7\n14\n11\n22\n"
 * impossible: "8\n16\n11\n22\n"
 * impossible: "14\n7\n11\n22\n"
 */
#include <stdio.h>
#include <unistd.h>

int main(void) {
    int x = 10;
    if (fork() == 0)
        x -= 3;
    else
        x += 1;
    printf("%d\n", x);
    x *= 2;
    printf("%d\n", x);
    return 0;
}
