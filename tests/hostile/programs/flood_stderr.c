// trick: Writes to standard error for ever, a letter at a time.
// ended: output-limit
// ended[controlled]: output-limit | step-limit
// limits: output_bytes=3000
#include <unistd.h>

int main(void)
{
    for (;;)
        write(2, "x", 1);
}
