// trick: Forks, and both run the program from its beginning.
// ended: process-limit
#include <unistd.h>

int main(int argc, char **argv)
{
    fork();
    execv("/proc/self/exe", argv);
}
