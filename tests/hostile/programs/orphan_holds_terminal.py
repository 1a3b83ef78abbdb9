# trick: The parent leaves; its child keeps the terminal open for ever.
# ended: time-limit
# ended[controlled]: deadlock
# flags: orphan
# limits: seconds=5
# limits[controlled]: seconds=20
import os
import signal

if os.fork() == 0:
    signal.pause()
print("done")
