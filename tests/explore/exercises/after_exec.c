/* exec does not return, so nothing after it is printed; the pid stays.
 *
 * possible: "one\n<P.1> ended\n"
 * impossible: "one\ntwo\n<P.1> ended\n"
 * impossible: "<P.1> ended\none\n"
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    if (fork() == 0) {
        execlp("echo", "echo", "one", NULL);
        puts("two");
        return 1;
    }
    printf("%d ended\n", (int)wait(NULL));
    return 0;
}
