/* Runs a little program given as text, for the generated trees.
 *
 *   f(...)   fork a child that runs what is between the brackets
 *   v(...)   vfork one; it may only exit
 *   w        wait
 *   pN       waitpid for this process's Nth child (from 0)
 *   iN       waitid for it
 *   hN       waitpid with WNOHANG, until it gives something
 *   kN       waitid with WNOWAIT: look at it, leave it a zombie
 *   c        close the door: from here on, the last N
 *   xN       exit with code N
 *   sN       end by signal N
 *   I, D     ignore SIGCHLD; have it at its default
 *   oTEXT;   write TEXT to standard output
 *   b        wait until this process's parent has ended
 * The end of a program is x0.
 */
#include "programs.h"

static const char *skip(const char *at) {
    for (int depth = 0;; at++) {
        if (*at == '(') depth++;
        if (*at == ')' && --depth == 0) return at + 1;
    }
}

static void run(const char *at) {
    pid_t child[64], vforked;
    siginfo_t info;
    pid_t me = getpid(), parent = 0;
    int made = 0, n;
    for (;;) {
        char operation = *at++, *end;
        n = (int)strtol(at, &end, 10);
        if (strchr("pihkxs", operation) && operation) at = end;
        switch (operation) {
        case 'f':
            if ((child[made++] = fork()) == 0) {
                parent = me;
                me = getpid();
                made = 0;
                at++;
            } else at = skip(at);
            break;
        case 'v':
            n = atoi(at + 2);
            vforked = vfork(); /* the child shares our variables: it must write none */
            if (vforked == 0) _exit(n);
            child[made++] = vforked;
            at = skip(at);
            break;
        case 'w': wait(NULL); break;
        case 'p': waitpid(child[n], NULL, 0); break;
        case 'i': waitid(P_PID, child[n], &info, WEXITED); break;
        case 'h': while (waitpid(child[n], NULL, WNOHANG) == 0) sched_yield(); break;
        case 'k': await_zombie(child[n]); break;
        case 'b': while (getppid() == parent) sched_yield(); break;
        case 'I': signal(SIGCHLD, SIG_IGN); break;
        case 'D': signal(SIGCHLD, SIG_DFL); break;
        case 'o':
            end = strchr(at, ';');
            write(1, at, end - at);
            at = end + 1;
            break;
        case 's': raise(n); _exit(98);
        case 'x': _exit(n);
        default: _exit(0); /* ')' or the end */
        }
    }
}

int main(int argc, char **argv) {
    if (argc == 2) run(argv[1]);
    return 97;
}
