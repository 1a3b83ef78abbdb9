"""The two records of the output must agree: what each process wrote, and what arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from grader.model import AnyEvent, Output, Trace, Write, text_and_raw

STREAMS = ("stdout", "stderr")


class UnfinishedWrite(msgspec.Struct, frozen=True):
    """A write inside which its process was killed: how much arrived, the capture tells."""

    event: int
    offered: bytes


def reconcile(
    trace: Trace,
    unfinished: Sequence[UnfinishedWrite],
    captured: Mapping[str, bytes | bytearray],
    most: int | None = None,
) -> Trace:
    """Return the trace with its output, checked against what was captured.

    ``captured`` is what arrived: at the ``terminal``, or through the pipes ``stdout``
    and ``stderr``. What arrived and was written by nobody becomes output without a
    writer, and makes the trace doubtful. Of each stream at most ``most`` bytes were kept.
    """
    offers = {u.event: u.offered for u in unfinished}
    events = list(trace.events)
    doubts = list(trace.doubts)
    strays: list[Output] = []
    for stream, data in captured.items():
        names = STREAMS if stream == "terminal" else (stream,)
        writes = [e for e in events if isinstance(e, Write) and e.stream in names]
        rest = bytes(data)
        for write in writes:
            if write.n in offers and write.size == 0:
                taken = _common_prefix(offers[write.n], rest)
                events[write.n] = _completed(write, rest[:taken])
                rest = rest[taken:]
            elif write.size and not write.data:  # sendfile or splice: bytes that only arrive
                events[write.n] = _completed(write, rest[: write.size])
                rest = rest[write.size :]
            elif rest.startswith(write.data):
                rest = rest[len(write.data) :]
            elif _same_but_returns(write.data, rest):
                rest = rest[len(write.data.replace(b"\n", b"\r\n")) :]
            elif len(data) == most and _begins(write.data, rest):
                rest = b""  # no more was kept
            else:
                doubts.append(
                    f"what arrived on the {stream} is not what the processes wrote to it "
                    f"(from event {write.n} on)"
                )
                break
        else:
            if rest:
                doubts.append(f"{len(rest)} bytes arrived on the {stream} from an unseen writer")
        if rest:
            text, raw = text_and_raw(rest)
            strays.append(Output(process=None, stream=stream, text=text, raw=raw))
    output = [_output(e) for e in events if isinstance(e, Write) and e.stream in STREAMS and e.size]
    return msgspec.structs.replace(trace, events=events, output=output + strays, doubts=doubts)


def unattributed(trace: Trace, captured: Mapping[str, bytes | bytearray]) -> Trace:
    """Return a sampled trace with its output, whose writers nobody knows."""
    output = []
    for stream, data in captured.items():
        text, raw = text_and_raw(bytes(data))
        if data:
            output.append(Output(process=None, stream=stream, text=text, raw=raw))
    return msgspec.structs.replace(trace, output=output)


def _common_prefix(offered: bytes, arrived: bytes) -> int:
    most = min(len(offered), len(arrived))
    if offered[:most] == arrived[:most]:
        return most
    return next(i for i in range(most) if offered[i] != arrived[i])


def _same_but_returns(written: bytes, arrived: bytes) -> bool:
    """A program may switch the terminal's carriage returns back on (termios(3), ONLCR)."""
    return b"\n" in written and arrived.startswith(written.replace(b"\n", b"\r\n"))


def _begins(written: bytes, arrived: bytes) -> bool:
    """Whether it may have been the beginning of a write that arrived."""
    return written.startswith(arrived) or written.replace(b"\n", b"\r\n").startswith(arrived)


def _completed(write: Write, data: bytes) -> AnyEvent:
    text, raw = text_and_raw(data)
    return msgspec.structs.replace(write, size=len(data), text=text, raw=raw)


def _output(write: Write) -> Output:
    return Output(
        process=write.process, stream=write.stream, text=write.text, raw=write.raw, event=write.n
    )
