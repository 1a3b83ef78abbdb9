// trick: Starts threads for ever.
// ended: thread-limit
// ended[sampled]: thread-limit | process-limit | memory-limit | cpu-limit
#include <pthread.h>
#include <unistd.h>

static void *wait_for_ever(void *nothing)
{
    pause();
    return nothing;
}

int main(void)
{
    pthread_attr_t small;
    pthread_t thread;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 65536);
    for (;;)
        pthread_create(&thread, &small, wait_for_ever, 0);
}
