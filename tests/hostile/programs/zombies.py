# trick: Collects none of its children until there is no room for more.
# ended: process-limit
import os

while True:
    try:
        if os.fork() == 0:
            os._exit(0)
    except OSError:
        pass
