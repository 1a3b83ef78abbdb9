# mistake: A loop forks, and the children go round it as well: two rounds make three children.
# fails: forks_two_children

import os
import time

for number in (1, 2):
    pid = os.fork()
    if pid == 0:
        print(f"Child{number} sleeping for {number} seconds...")
        time.sleep(number)
    else:
        print("Parent waiting for child processes...")

child1 = os.wait()[0]
print(f"Parent: Child {child1} finished first, one child left.")
child2 = os.wait()[0]
print(f"Parent: Child {child2} finished second, no children left.")
