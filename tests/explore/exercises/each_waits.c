/* Three generations, and each waits for its child: the last one speaks first.
 *
 * possible: "g\nc\np\n"
 * impossible: "p\nc\ng\n"
 * impossible: "c\ng\np\n"
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    if (fork() == 0) {
        if (fork() == 0) {
            puts("g");
            return 0;
        }
        wait(NULL);
        puts("c");
        return 0;
    }
    wait(NULL);
    puts("p");
    return 0;
}
