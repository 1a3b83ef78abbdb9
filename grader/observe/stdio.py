"""A program's standard streams: a pseudo-terminal or three pipes, fed and captured.

The terminal is set up as a person's, with two differences that keep the captured text
equal to what the processes wrote: no echo of the input, and no carriage return before
a line feed (termios(3): ECHO, ONLCR).
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import struct
import termios

from grader.model import Scenario

COLUMNS, LINES = 80, 24

_END_OF_FILE = b"\x04"
_QUOTE = b"\x16"
# What a terminal takes for a command when it is typed (termios(3), special characters).
_SPECIAL = frozenset(b"\x03\x04\x0f\x11\x12\x13\x15\x16\x17\x1a\x1c\x7f\r")
# Each read at the end of input takes one: enough for many readers.
_ENDS = 64
_CHUNK = 1 << 16


def _typed(data: bytes) -> bytes:
    """What has to be typed for a program to read ``data`` and then the end of file."""
    keys = b"".join(_QUOTE + bytes([b]) if b in _SPECIAL else bytes([b]) for b in data)
    if data and not data.endswith(b"\n"):
        keys += _END_OF_FILE  # hands over the unfinished line
    return keys + _END_OF_FILE * _ENDS


class Stdio:
    """Both ends of a program's standard streams.

    The program's ends are ``streams`` (and ``terminal``, when there is one); the
    grader keeps the others: it reads ``outputs`` and writes ``input``.
    """

    def __init__(self, scenario: Scenario, most_bytes: int) -> None:
        self.captured: dict[str, bytearray] = {}
        self.outputs: dict[int, str] = {}
        """Descriptors to read, each with the name of its stream."""
        self.most = most_bytes
        """How many bytes of each stream are kept."""
        self._stdin = scenario.stdin
        self._theirs: list[int] = []
        self.terminal: int | None = None
        if scenario.stdio == "terminal":
            self._open_terminal(scenario.stdin)
        else:
            self._open_pipes(scenario.stdin)
        for descriptor, name in self.outputs.items():
            os.set_blocking(descriptor, False)
            self.captured[name] = bytearray()
        if self.input is not None:
            os.set_blocking(self.input, False)

    def _open_terminal(self, stdin: bytes) -> None:
        ours, theirs = os.openpty()
        settings = termios.tcgetattr(theirs)
        settings[1] &= ~termios.ONLCR
        settings[3] &= ~termios.ECHO
        termios.tcsetattr(theirs, termios.TCSANOW, settings)
        size = struct.pack("HHHH", LINES, COLUMNS, 0, 0)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, size)
        self.terminal = theirs
        self.streams = (theirs, theirs, theirs)
        self.outputs = {ours: "terminal"}
        self.input: int | None = ours
        self._pending = _typed(stdin)
        self._theirs = [theirs]

    def _open_pipes(self, stdin: bytes) -> None:
        pairs = [os.pipe() for _ in range(3)]
        (in_read, in_write), (out_read, out_write), (err_read, err_write) = pairs
        self.streams = (in_read, out_write, err_write)
        self.outputs = {out_read: "stdout", err_read: "stderr"}
        self.input = in_write
        self._pending = stdin
        self._theirs = [in_read, out_write, err_write]

    def close_theirs(self) -> None:
        """In the grader, once the program has its ends: let go of them."""
        for descriptor in self._theirs:
            os.close(descriptor)
        self._theirs = []

    def close_ours(self) -> None:
        """In the program's supervisor, and at the very end: let go of the grader's ends."""
        for descriptor in {*self.outputs, *([self.input] if self.input is not None else [])}:
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self.outputs, self.input = {}, None

    @property
    def hungry(self) -> int | None:
        """The descriptor to write to, while there is input that was not taken yet."""
        return self.input if self._pending else None

    def feed(self) -> None:
        """Write as much input as is taken now; close a pipe after the last of it."""
        if self.input is None:
            return
        try:
            while self._pending:
                self._pending = self._pending[os.write(self.input, self._pending) :]
        except BlockingIOError:
            return
        except OSError:  # nobody can read it any more
            self._pending = b""
        if self.terminal is None:
            os.close(self.input)
            self.input = None

    def rewind(self) -> None:
        """For another run on the same terminal: the input is there to be typed again."""
        if self.terminal is not None:
            self._pending = _typed(self._stdin)

    def drain(self, descriptor: int) -> bool:
        """Read what is there now; False at the end of the stream."""
        name = self.outputs[descriptor]
        while True:
            try:
                data = os.read(descriptor, _CHUNK)
            except BlockingIOError:
                return True
            except OSError as error:
                if error.errno == errno.EIO:  # a terminal that nobody has open
                    return False
                raise
            if not data:
                return False
            room = self.most - len(self.captured[name])
            self.captured[name] += data[: max(room, 0)]
