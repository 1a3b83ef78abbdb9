// trick: Recurses until the stack is full.
// exit: SIGSEGV
#include <stdio.h>

static volatile int depth;

static int down(int n)
{
    volatile char block[4096];
    block[n % 4096] = n;
    depth = n;
    return down(n + 1) + block[0];
}

int main(void)
{
    return down(0);
}
