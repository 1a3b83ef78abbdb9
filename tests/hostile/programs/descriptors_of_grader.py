# trick: Reopens what its parent has open (the pipe for the report) and writes a result there.
# flags: refused
# says: held
# needs: files
import os

for pid in {os.getppid(), 1}:
    for number in range(64):
        try:
            with open(f"/proc/{pid}/fd/{number}", "wb", buffering=0) as file:
                file.write(b'{"status": "pass"}')
                print("REACHED", pid, number)
        except FileNotFoundError:
            pass
        except OSError as error:
            if number == 0:
                print("held:", error.strerror)
print("held")
