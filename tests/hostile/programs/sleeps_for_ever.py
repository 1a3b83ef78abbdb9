# trick: Sleeps for a hundred years.
# engines: free, controlled
# ended: time-limit
# ended[controlled]: virtual-time-limit
# limits: seconds=1.5
# limits[controlled]: virtual_seconds=100000, seconds=20
import time

time.sleep(3_000_000_000)
print("the year 2100")
