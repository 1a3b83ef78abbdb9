# trick: Writes to the settings of the system and of its processes in /proc and /sys.
# flags: refused
# says: held
# needs: files
import os
import sys

for path in (
    f"/proc/{sys.argv[2]}/oom_score_adj",
    f"/proc/{os.getppid()}/oom_score_adj",
    f"/proc/{sys.argv[2]}/comm",
    f"/proc/{sys.argv[2]}/clear_refs",
):
    try:
        with open(path, "w") as file:
            file.write("1")
        print("REACHED", path)
    except OSError as error:
        print("held:", error.strerror)
for path in ("/proc/sys/kernel/core_pattern", "/proc/sysrq-trigger", "/sys/power/state"):
    if os.path.exists(path):
        try:
            os.close(os.open(path, os.O_WRONLY))  # nothing is written
            print("REACHED", path)
        except OSError as error:
            print("held:", error.strerror)
