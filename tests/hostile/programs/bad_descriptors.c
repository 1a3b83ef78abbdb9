// trick: Makes its calls on descriptors and addresses that are none, one after another.
// flags: refused?, failed-wait?, unreaped-child?
// says: ^over
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
    void *nowhere = (void *)8;
    long bad[] = {-1, 77, 1L << 31, 1L << 40}, i;
    for (i = 0; i < 4; i++) {
        syscall(SYS_write, bad[i], nowhere, 10);
        syscall(SYS_write, 1, nowhere, 10);
        syscall(SYS_writev, bad[i], nowhere, 10);
        syscall(SYS_writev, 1, nowhere, bad[i]);
        syscall(SYS_sendfile, bad[i], bad[i], nowhere, 10);
        syscall(SYS_splice, bad[i], 0, bad[i], 0, 10, 0);
        syscall(SYS_tee, bad[i], bad[i], 10, 0);
        syscall(SYS_vmsplice, bad[i], nowhere, 1, 0);
        syscall(SYS_read, bad[i], nowhere, 10);
        syscall(SYS_dup2, bad[i], bad[i]);
        syscall(SYS_pipe2, nowhere, 0);
        syscall(SYS_wait4, bad[i], nowhere, WNOHANG, nowhere);
        syscall(SYS_waitid, P_PID, bad[i], nowhere, WEXITED | WNOHANG, 0);
        syscall(SYS_waitid, P_PIDFD, bad[i], nowhere, WEXITED | WNOHANG, 0);
        syscall(SYS_kill, bad[i] == -1 ? 1L << 30 : bad[i], 0);
        syscall(SYS_pidfd_send_signal, bad[i], 0, nowhere, 0);
        syscall(SYS_rt_sigqueueinfo, getpid(), 0, nowhere);
        syscall(SYS_rt_sigaction, SIGUSR1, nowhere, nowhere, 8);
        syscall(SYS_rt_sigaction, SIGUSR1, nowhere, 0, bad[i]);
        syscall(SYS_rt_sigprocmask, SIG_BLOCK, nowhere, nowhere, 8);
        syscall(SYS_setpgid, bad[i], bad[i]);
        syscall(SYS_clone3, nowhere, 88);
        syscall(SYS_clone3, nowhere, bad[i]);
        syscall(SYS_clone, 0x10000, 0, 0, 0, 0); /* CLONE_THREAD alone: EINVAL */
        syscall(SYS_clock_nanosleep, 0, 0, nowhere, 0);
        syscall(SYS_nanosleep, nowhere, nowhere);
        syscall(SYS_ppoll, nowhere, 0, nowhere, nowhere, 8);
        syscall(SYS_pselect6, 0, nowhere, nowhere, nowhere, nowhere, nowhere);
        syscall(SYS_openat, bad[i], nowhere, O_RDONLY);
        syscall(SYS_openat, bad[i], "x", O_RDONLY);
        syscall(SYS_openat2, -100, "x", nowhere, 24);
        syscall(SYS_renameat2, bad[i], nowhere, bad[i], nowhere, 0);
        syscall(SYS_fchmodat, bad[i], nowhere, 0);
        syscall(SYS_execve, nowhere, nowhere, nowhere);
        syscall(SYS_execveat, bad[i], nowhere, nowhere, nowhere, bad[i]);
        syscall(SYS_mmap, bad[i], 0, bad[i], bad[i], bad[i], bad[i]);
        syscall(SYS_prctl, bad[i], nowhere, nowhere, nowhere, nowhere);
        syscall(SYS_ioctl, bad[i], bad[i], nowhere);
        syscall(SYS_fcntl, bad[i], F_SETLK, nowhere);
        syscall(SYS_getrandom, nowhere, 10, 0);
        syscall(SYS_clock_gettime, bad[i], nowhere);
        syscall(SYS_clock_gettime, 0, nowhere);
        syscall(SYS_gettimeofday, nowhere, nowhere);
        syscall(1000000 + i, 0);
    }
    puts("over");
}
