"""Texts that people write: a right answer, or a sentence that says what is wrong."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.assignments import load
from grader.cli.program import _limits
from grader.judge.script import Mismatch, Script
from grader.model import Fault, Limits, Schedule, Unproved, UsageError
from tests.traces import make_trace

LONGEST_MESSAGE = 20_000


def told(error: Exception, what: str = "") -> None:
    """The sentence is one, and not a book; and it names this."""
    assert 0 < len(str(error)) < LONGEST_MESSAGE
    assert what in str(error)


def lines_of(*parts: str) -> st.SearchStrategy[str]:
    """Texts made of these parts and of anything."""
    return st.lists(st.one_of(st.sampled_from(parts), st.text(max_size=4)), max_size=25).map(
        "".join
    )


# -- schedules, faults, limits -----------------------------------------------------------


@given(
    lines_of("1:", "a", "b2", ".27.", ".999999999999.", "-", "+", "=", "_", ",", "ideal", "pipe")
    | lines_of("1:ab,", "seed=", "5", "9" * 30, "٣", "fork:", "EAGAIN", "@", "P.1", "#1", "ordered")
)
@settings(max_examples=300)
def test_a_schedule_is_read_or_refused(text):
    try:
        schedule = Schedule.parse(text)
    except UsageError as error:
        told(error)
        return
    assert Schedule.parse(str(schedule)) == schedule


@pytest.mark.parametrize(
    "text",
    ["1:" + "a" * 10**6, "1:a99999999", "1:" + "a9999" * 100, "x" * 10**6, "1:a," + "y" * 10**6],
    ids=range(5),
)
def test_a_schedule_that_is_too_long_is_refused_briefly(text):
    with pytest.raises(UsageError) as caught:
        Schedule.parse(text)
    assert len(str(caught.value)) < 1000


@given(lines_of("fork", ":", "EAGAIN", "@", "P", ".1", ".99999", "#", "2", "٣", "0", "die", "\n"))
def test_a_fault_is_read_or_refused(text):
    try:
        fault = Fault.parse(text)
    except UsageError as error:
        told(error)
        return
    assert Fault.parse(str(fault)) == fault


@given(
    st.sampled_from([*Limits.__struct_fields__, "seconds ", "no", "", "processes-alive"]),
    st.one_of(
        st.floats().map(str),
        st.integers().map(str),
        st.sampled_from(["1e400", "-0", "0.5", "1_0", "٣", "0x10", "", "nan", "inf", "1" * 5000]),
        st.text(max_size=5),
    ),
)
def test_a_limit_is_one_that_the_system_can_be_given(name, value):
    try:
        limits = _limits([f"{name}={value}"], None)
    except UsageError as error:
        told(error)
        return
    for field in Limits.__struct_fields__:
        number = getattr(limits, field)
        assert number is None or 0 < number <= 10**15


# -- assignments -------------------------------------------------------------------------

_folders = itertools.count()
_START = 'schema = "grader/assignment/v1"\nid = "x"\ntitle = "X"\nfile = "x.py"\n'


@pytest.fixture
def written(tmp_path):
    """Make a folder with this assignment.toml."""

    def write(data: bytes):
        folder = tmp_path / str(next(_folders))
        folder.mkdir()
        (folder / "assignment.toml").write_bytes(data)
        return folder

    return write


_values = st.sampled_from(
    [
        *("1", "-1", "0", "1e400", "nan", "inf", "-nan", "1.5", "9" * 40, "9" * 5000, "true"),
        *('"a"', '""', '"\\u0000"', '"../x"', '"test_x.py"', "[]", '["a"]', "[[]]", "{}", "{a=1}"),
        *("1979-05-27", "2021-99-99", '"fork:EAGAIN@P#1"', '["fork:EAGAIN@P#1"]', '"pipe"'),
        *('"real"', '"schedules"', '"required"', "[" * 500, '"\\ud800"', "'''a\nb'''"),
    ]
)
_keys = st.sampled_from(
    [
        *(
            "schema",
            "id",
            "title",
            "file",
            "section",
            "reference",
            "reaping",
            "limits",
            "scenarios",
        ),
        *("lingering_seconds", "run", "faults", "stdio", "stdin", "args", "budget", "seed"),
        *("processes", "seconds", "memory_bytes", "no", "a.b", '"a\\nb"', '"\\u001b"', "network"),
    ]
)
_toml_lines = st.one_of(
    st.builds("{} = {}".format, _keys, _values),
    st.builds("[{}]".format, _keys),
    st.builds("[scenarios.{}]".format, _keys),
    st.builds("[limits.{}]".format, _keys),
    st.text(max_size=10),
)


@given(lines=st.lists(_toml_lines, max_size=8), start=st.booleans())
@settings(max_examples=300)
def test_an_assignment_is_loaded_or_refused(written_once, lines, start):
    text = (_START if start else "") + "\n".join(lines)
    folder = written_once(text.encode(errors="surrogatepass"))
    try:
        assignment = load(folder)
        assignment.scenarios_for("x.py", {"x.py": str(folder / "x.py")}, "python3")
        assert assignment.check_names() == []
    except UsageError as error:
        told(error, str(folder))


@pytest.fixture(scope="module")
def written_once(tmp_path_factory):
    """A folder whose assignment.toml is written again and again."""
    folder = tmp_path_factory.mktemp("assignment")

    def write(data: bytes):
        (folder / "assignment.toml").write_bytes(data)
        return folder

    return write


@pytest.mark.parametrize(
    "data",
    [
        _START.encode() + b"a = " + b"[" * 100_000,
        _START.encode() + b"a = " + b"{a=" * 100_000,
        b"a." * 100_000 + b"a = 1\n" + _START.encode(),
        _START.encode() + b"x = " + b"9" * 100_000,
        _START.encode() + b"#" * 2_000_000,
        b"\xff\xfe" + _START.encode("utf-16-le"),
        b"\0" * 100,
        _START.encode() + b"lingering_seconds = nan\n",
        _START.encode() + b"[limits]\nseconds = inf\n",
        _START.encode() + b"[limits]\nprocesses = " + b"9" * 30 + b"\n",
        _START.encode() + b'[scenarios.a]\nargs = ["\\u0000"]\n',
    ],
    ids=range(11),
)
def test_what_breaks_readers_of_toml(written, data):
    with pytest.raises(UsageError) as caught:
        load(written(data))
    told(caught.value)


def test_checks_that_are_no_python_are_refused(written):
    folder = written(_START.encode())
    for source in (b"\0", b"x = (", b"-" * 100_000 + b"1", b"# coding: rot13\n", b"\xff"):
        (folder / "test_x.py").write_bytes(source)
        with pytest.raises(UsageError, match=r"test_x\.py"):
            load(folder).check_names()


# -- output scripts ----------------------------------------------------------------------

_script_parts = (
    *("P:", "C1:", "C[3]:", "C[0]:", "C[999999999999]:", "*:", " ", "...", "\n", "\t", "{", "}"),
    *("{{", "}}", "{P.pid}", "{C1.ppid}", "{x}", "{x:d}", "{y:w}", "{z:C1|P}", "{C.pid}", "\\"),
    *("\\n", "\\t", "\\.", "#", "text", "{P.parent.parent.pid}", "{P.status}", "{C#2.pid}"),
)
_outputs = st.lists(
    st.tuples(
        st.sampled_from(["P", "P.1", "P.2"]),
        st.one_of(
            st.sampled_from(["text\n", "100\n", "101", "text 100\n", "-5", "\n", "\n" * 50, "x"]),
            st.text(max_size=6),
            st.binary(max_size=6),
        ),
    ),
    min_size=1,
    max_size=6,
).filter(lambda writes: "P.1" in {p for p, _ in writes} or "P.2" not in {p for p, _ in writes})


@given(lines_of(*_script_parts), _outputs)
@settings(max_examples=400)
def test_a_script_is_read_or_refused_and_judges_any_output(text, writes):
    try:
        script = Script.parse(text)
    except UsageError as error:
        told(error)
        return
    trace = make_trace(*writes)
    for judge in (
        lambda: script.match(trace, budget=2000),
        lambda: script.match_text(trace.text(), budget=2000),
    ):
        try:
            judge()
        except (Mismatch, Unproved) as verdict:
            told(verdict)
