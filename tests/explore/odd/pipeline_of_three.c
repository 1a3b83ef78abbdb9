/* What a shell does for `a | b | c`: pipe, fork and dup2, left to right, and every end closed that is
 * not needed.
 *
 * fates: P.1 reaped, P.2 reaped, P.3 reaped
 * output: "A\n"
 */
#include <ctype.h>
#include <sys/wait.h>
#include <unistd.h>

static void run(int which) {
    char text[8] = "a\n";
    ssize_t length = 2, got;
    if (which > 0)
        for (length = 0; (got = read(0, text + length, sizeof text - length)) > 0; length += got)
            ;
    if (which == 1)
        text[0] = toupper(text[0]);
    _exit(write(1, text, length) == length ? 0 : 1);
}

int main(void) {
    int input = 0, ends[2];
    for (int i = 0; i < 3; i++) {
        if (i < 2 && pipe(ends) < 0)
            return 1;
        if (fork() == 0) {
            if (i > 0) {
                dup2(input, 0);
                close(input);
            }
            if (i < 2) {
                close(ends[0]);
                dup2(ends[1], 1);
                close(ends[1]);
            }
            run(i);
        }
        if (i > 0)
            close(input);
        if (i < 2) {
            close(ends[1]);
            input = ends[0];
        }
    }
    for (int i = 0; i < 3; i++)
        wait(NULL);
    return 0;
}
