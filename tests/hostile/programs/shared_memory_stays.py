# trick: Leaves shared memory that outlives it (POSIX: /dev/shm).
# flags: refused
# says: held
# needs: files
import os

try:
    descriptor = os.open("/dev/shm/hostile-leftover", os.O_CREAT | os.O_RDWR)
    os.ftruncate(descriptor, 1_000_000)
    print("REACHED /dev/shm")
except OSError as error:
    print("held:", error.strerror)
try:
    from multiprocessing import shared_memory

    memory = shared_memory.SharedMemory("hostile-leftover-2", create=True, size=1000)
    print("REACHED shared_memory")
except (OSError, ImportError) as error:
    print("held:", error)
