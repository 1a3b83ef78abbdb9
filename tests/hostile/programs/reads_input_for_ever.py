# trick: Reads standard input again and again though it has ended.
# ended: cpu-limit | event-limit
# ended[controlled]: step-limit | event-limit | cpu-limit
# limits: cpu_seconds=1
import os

while True:
    os.read(0, 100)
