/* Job control: a child stops itself, is seen stopped, continued, and ended. */
#include "programs.h"
int main(void) {
    struct gate gate = gate_new();
    int status;
    pid_t child = fork();
    if (child == 0) { raise(SIGSTOP); gate_pass(gate); _exit(0); }
    if (waitpid(child, &status, WUNTRACED) != child || !WIFSTOPPED(status)) return 1;
    kill(child, SIGCONT);
    if (waitpid(child, &status, WCONTINUED) != child || !WIFCONTINUED(status)) return 2;
    kill(child, SIGTSTP);
    siginfo_t info;
    if (waitid(P_PID, child, &info, WSTOPPED) || info.si_code != CLD_STOPPED) return 3;
    kill(child, SIGCONT);
    if (waitid(P_PID, child, &info, WCONTINUED) || info.si_code != CLD_CONTINUED) return 4;
    gate_open(gate);
    return waitpid(child, &status, WUNTRACED) == child && WIFEXITED(status) ? 0 : 5;
}
