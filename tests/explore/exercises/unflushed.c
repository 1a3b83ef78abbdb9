/* What printf holds back is copied by fork, and comes out twice.
 *
 * possible: "1213\n"
 * impossible: "123\n"
 * impossible: "1\n23\n"
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    printf("1");
    if (fork() == 0) {
        printf("2");
        exit(0);
    }
    wait(NULL);
    printf("3\n");
    return 0;
}
