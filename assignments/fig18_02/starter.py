"""Fig. 18.2: a parent and its child. README.md says what to write, and how it is judged."""

import os
import sys

# 1. Before the fork: print that the program executes, this process's pid and its processName.


# 2. Make one child. When that fails, end with a message.


# 3. The parent prints what it is and what it knows.


# 4. The child changes its processName, and prints what it is and what it knows.


# 5. Both come here: print that this process finishes.
