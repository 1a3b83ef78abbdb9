/* What the programs share: a gate that one process holds shut for others. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct gate { int end[2]; };

static inline struct gate gate_new(void) {
    struct gate gate;
    if (pipe(gate.end)) exit(99);
    return gate;
}

/* Wait until every process that called neither of these two has ended or opened it. */
static inline void gate_pass(struct gate gate) {
    char byte;
    close(gate.end[1]);
    while (read(gate.end[0], &byte, 1) < 0 && errno == EINTR) ;
    close(gate.end[0]);
}

static inline void gate_open(struct gate gate) {
    close(gate.end[0]);
    close(gate.end[1]);
}

/* Wait until a child is a zombie, without reaping it. */
static inline void await_zombie(pid_t pid) {
    siginfo_t info;
    while (waitid(P_PID, pid, &info, WEXITED | WNOWAIT) && errno == EINTR) ;
}
