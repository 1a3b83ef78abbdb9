"""Fig. 18.3: waiting for child processes. README.md says what to write, and how it is judged."""

import os
import random
import sys
import time

# 1. Choose two sleep times, each a random whole number of seconds from 1 to 5.


# 2. Make the first child. When that fails, end with a message.


# 3. The first child prints its lines, sleeps, and ends.


# 4. Make the second child, which does the same in its own words.


# 5. The parent prints its lines, waits for its children, and says which one finished first and
#    which one second.
