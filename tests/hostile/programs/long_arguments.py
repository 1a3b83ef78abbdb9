# trick: Runs a program with two megabytes of arguments, escape codes and broken text among them.
# says: ran
import os
import sys

words = [b"\x1b[2J\x1b]0;grader\x07", b"\xff\xfe\xed\xa0\x80", b"a\nb\rc\td", b"--", b"::error::x"]
many = [b"x" * 100_000] * 8
if len(sys.argv) < 8:
    environment = {b"LC_ALL": b"tr_TR.\xff", b"\xff": b"\x1b[31m", b"PATH": b""}
    program = os.fsencode(sys.argv[0])
    python = os.fsencode(sys.executable)
    os.execve(python, [python, b"-I", program, *words, *many], environment)
sys.stdout.buffer.write(b"ran %d\n" % len(sys.argv))
