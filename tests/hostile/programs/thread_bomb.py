# trick: Each thread starts two.
# ended: thread-limit | memory-limit
# ended[sampled]: thread-limit | process-limit | memory-limit | cpu-limit
import threading


def more():
    while True:
        try:
            threading.Thread(target=more).start()
        except RuntimeError:
            pass


threading.stack_size(65536)
more()
