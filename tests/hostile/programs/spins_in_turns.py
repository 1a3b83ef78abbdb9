# trick: Computes for ever in children that it collects: none of them is ever old.
# ended: cpu-limit | process-limit
# ended[controlled]: step-limit | cpu-limit | process-limit
# limits: cpu_seconds=1, processes=1000
import os
import time

while True:
    child = os.fork()
    if child == 0:
        end = time.process_time() + 0.05
        while time.process_time() < end:
            pass
        os._exit(0)
    os.waitpid(child, 0)
