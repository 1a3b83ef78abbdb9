// trick: Calls itself grader, in every place where a name is shown, and stays.
// ended: time-limit
// ended[controlled]: deadlock
// flags: orphan
// limits: seconds=4
// limits[controlled]: seconds=20
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    prctl(PR_SET_NAME, "grader-run", 0, 0, 0);
    memset(argv[0], 0, strlen(argv[0]));
    strncpy(argv[0], "grader", strlen(argv[0]));
    if (fork() == 0) {
        setsid();
        for (;;)
            pause();
    }
}
