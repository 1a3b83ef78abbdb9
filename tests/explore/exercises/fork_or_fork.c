/* Only where fork gave 0 is the second one reached: the child forks, the parent does not. Then all
 * wait for whom they have, so what they print is in order.
 *
 * possible: "grandchild\nchild\nparent\n"
 * impossible: "parent\nchild\ngrandchild\n"
 * impossible: "child\nparent\n"
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    pid_t first = fork(), second = -1;
    if (first || (second = fork()))
        while (wait(NULL) > 0)
            ;
    puts(first ? "parent" : second ? "child" : "grandchild");
    return 0;
}
