/* The first child's fork gave 0, so it does not fork again: three processes, not four.
 *
 * possible: "both\none\none\n"
 * possible: "one\nboth\none\n"
 * possible: "one\none\nboth\n"
 * impossible: "both\none\none\none\n"
 * impossible: "both\none\n"
 */
#include <stdio.h>
#include <unistd.h>

int main(void) {
    if (fork() && fork())
        puts("both");
    else
        puts("one");
    return 0;
}
