# trick: Reads standard input again and again though it has ended.
# ended: cpu-limit | event-limit
# ended[controlled]: step-limit | event-limit | cpu-limit
# ended[terminal]: time-limit | cpu-limit
# ended[controlled, terminal]: deadlock
# limits: cpu_seconds=0.5
# limits[terminal]: cpu_seconds=0.5, seconds=2
import os

while True:
    os.read(0, 100)
