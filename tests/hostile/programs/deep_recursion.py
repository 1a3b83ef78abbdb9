# trick: Recurses until the stack is full.
# exit: any
# ended: exit | memory-limit | cpu-limit
import sys

sys.setrecursionlimit(2**31 - 1)


class Deep:
    def __repr__(self):
        return repr(self)


repr(Deep())
