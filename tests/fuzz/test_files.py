"""Files that students hand in: whatever they are called, and whatever is there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import cli
from grader.assignments import Submission, find, load, open_submission
from grader.assignments.reading import read_file
from grader.assignments.source_errors import find_source_error
from grader.judge.source import fork_lines, imports
from grader.model import UsageError
from grader.model.safe import safe_text, shell_line
from tests.report.nasty import NASTY, problems

REPOSITORY = Path(__file__).resolve().parents[2]
FIG = find("fig18_02")
_reused = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)


def refused(path: Path | str) -> str:
    """The sentence with which a submission is refused: on one line, with nothing odd in it."""
    with pytest.raises(UsageError) as caught:
        open_submission(Path(path), FIG)
    sentence = str(caught.value)
    assert problems(sentence) == []
    assert "\n" not in sentence
    assert len(sentence) < 3000
    return sentence


# -- what is there -----------------------------------------------------------------------


def test_what_is_no_file_is_refused_at_once(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "fifo.py")
    assert "not a regular file" in refused(tmp_path / "fifo.py")
    with socket.socket(socket.AF_UNIX) as bound:
        monkeypatch.chdir(tmp_path)  # the name of a socket may not be long
        bound.bind("socket.py")
        assert "not a regular file" in refused("socket.py")
    for device in (
        "/dev/zero",
        "/dev/full",
        "/dev/null",
        "/dev/tty",
        "/dev/stdin",
        "/proc/self/mem",
    ):
        if Path(device).exists():
            refused(device)
    (tmp_path / "zero.py").symlink_to("/dev/zero")
    assert "not a regular file" in refused(tmp_path / "zero.py")


def test_a_file_that_is_a_fifo_when_it_is_opened_does_not_block(tmp_path, monkeypatch):
    """Between a look at it and its opening, a student may exchange it."""
    os.mkfifo(tmp_path / "x.py")
    (tmp_path / "y.py").write_text("pass\n")
    look = (tmp_path / "y.py").stat()
    monkeypatch.setattr(Path, "stat", lambda self, **_: look)
    with pytest.raises(UsageError, match="not a regular file"):
        read_file(tmp_path / "x.py", "x.py", 100)


def test_links_and_folders(tmp_path):
    (tmp_path / "a.py").symlink_to("b.py")
    (tmp_path / "b.py").symlink_to("a.py")
    refused(tmp_path / "a.py")
    refused(tmp_path / "a.py" / "c.py")
    (tmp_path / "dangling.py").symlink_to("/nowhere")
    assert "no such file" in refused(tmp_path / "dangling.py")
    folder = tmp_path / "handed_in"
    folder.mkdir()
    (folder / FIG.file).mkdir()
    assert "not a regular file" in refused(folder)
    (folder / FIG.file).rmdir()
    (folder / FIG.file).symlink_to(FIG.reference_path)
    assert "a link to a file outside" in refused(folder)
    (folder / FIG.file).unlink()
    (folder / "real.py").write_text("pass\n")
    (folder / FIG.file).symlink_to("real.py")
    assert open_submission(folder, FIG).data == b"pass\n"


def test_a_file_that_grows_is_read_to_a_bound(tmp_path):
    sparse = tmp_path / "sparse.py"
    with sparse.open("wb") as file:
        file.truncate(1 << 40)
    assert "larger than" in refused(sparse)


def test_a_file_that_may_not_be_read(tmp_path):
    path = tmp_path / "x.py"
    path.write_text("pass\n")
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    path.chmod(0)
    assert "can't be read: Permission denied" in refused(path)
    tmp_path.chmod(0)
    refused(path)
    tmp_path.chmod(0o700)


# -- what it is called -------------------------------------------------------------------

names = st.one_of(
    st.sampled_from(
        [data.decode(errors="surrogateescape") for data in NASTY.values() if len(data) < 150]
        + ["-x.py", "--help", "::error::.py", "a\nb.py", " ", "..", "$(id).py", "a;b", "x" * 250]
    ),
    st.text(min_size=1, max_size=30),
    st.binary(min_size=1, max_size=30).map(lambda data: data.decode(errors="surrogateescape")),
).map(lambda name: name.replace("/", "_").replace("\0", "0"))


def _encodable(name: str) -> bool:
    try:
        return 0 < len(os.fsencode(name)) <= 255 and name not in (".", "..")
    except UnicodeEncodeError:
        return False


@given(names)
@_reused
def test_names_are_told_safely(tmp_path, name):
    if not _encodable(name):
        return
    path = tmp_path / name
    refused(path)
    path.write_bytes(b"\0")
    try:
        assert "binary" in refused(path)
        path.write_bytes(b"print(\n")
        submission = open_submission(path, FIG)
        error = find_source_error(submission.data, submission.name)
        assert problems(str(error)) == []
        assert str(error).count("\n") == 4
    finally:
        path.unlink()


@pytest.mark.parametrize("name", ["x" * 300, "x" * 5000, "x/" * 3000, "a\0b", "/" * 5000 + "x"])
def test_names_that_no_system_has(name):
    refused(name)
    with pytest.raises(UsageError):
        find(name + "/")


def test_commands_to_copy_are_what_they_say():
    """A shell that gets such a line hands on just these words."""
    commands = []

    @given(st.lists(names.filter(_encodable), min_size=1, max_size=4), st.sampled_from([None, 10]))
    @settings(max_examples=150, database=None)
    def collect(words, most):
        for encoding in ("utf-8", "ascii"):
            line = shell_line(["printf", "%s\\0", *words], encoding, most)
            assert problems(line) == []
            assert "\n" not in line
            line.encode(encoding)
            commands.append((words, line))

    collect()
    script = "\n".join(f"{line}; printf '\\0'" for _, line in commands)
    told = subprocess.run(["bash"], input=script.encode(), capture_output=True, check=True).stdout
    expected = b"".join(
        b"".join(os.fsencode(word) + b"\0" for word in words) + b"\0" for words, _ in commands
    )
    assert told == expected


def test_the_command_line_tells_of_names_within_its_box(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("a\n::error::b.py", "\x1b[2J.py", "x\r.py", "\udcff.py", "x" * 5000, "::error::"):
        for arguments in (
            ["check", name],
            ["check", name, "-a", name],
            ["trace", name],
            ["explore", name],
            ["replay", name, "--schedule", name],
            ["trace", name, "--limit", name],
            ["trace", "--stdin", name, "--", "true"],
            [name],
            ["--" + name],
        ):
            with pytest.raises(SystemExit) as ended:
                cli.main(arguments)
            assert ended.value.code == 2
            error = capsys.readouterr().err
            assert problems(error) == []
            first, *rest = error.rstrip("\n").split("\n")
            assert first.startswith("grader: ")
            assert all(line.startswith("  | ") for line in rest)
            assert len(error) < 9000


# -- what is in it -----------------------------------------------------------------------

DEEP = 20_000
SOURCES: dict[str, bytes] = {
    "minus": b"-" * DEEP + b"1",
    "not": b"not " * DEEP + b"1",
    "lambda": b"lambda:" * DEEP + b"1",
    "brackets": b"(" * DEEP + b")" * DEEP,
    "braces": b"{" * DEEP,
    "calls": b"a" + b"()" * DEEP,
    "attributes": b"a" + b".b" * DEEP,
    "items": b"a" + b"[0]" * DEEP,
    "sum": b"1+" * DEEP + b"1",
    "powers": b"1**" * DEEP + b"1",
    "conditions": b"1 if 1 else " * DEEP + b"1",
    "elif": b"if 1:\n pass\n" + b"elif 1:\n pass\n" * 10_000,
    "assignments": b"x=" * DEEP + b"1",
    "comparisons": b"1<" * DEEP + b"1",
    "comprehension": b"[x" + b" for a in b" * 10_000 + b"]",
    "patterns": b"match x:\n case " + b"a(b=" * 10_000 + b"1" + b")" * 10_000 + b":pass",
    "f-strings": b"f'{" * DEEP + b"1" + b"}'" * DEEP,
    "decorators": b"@a\n" * DEEP + b"def f(): pass",
    "indented": b"".join(b" " * n + b"if 1:\n" for n in range(150)),
    "digits": b"x = " + b"9" * 150_000,
    "a long line": b"x = (" + b"1 " * 90_000,
    "long names": b"def f(" + b"a" * 90_000 + b"):\n global " + b"a" * 90_000 + b"\n",
    "a long string": b"x = '" + b"a" * 190_000,
    "continued": b"-\\\n" * 60_000 + b"1",
    "form feeds": b"\x0c" * 1000 + b"x = (\x0c\n",
    "carriage returns": b"x = 1\rimport os\rprint (\r",
    "escapes": b"x = '\x1b[2J\x1b]0;x\x07' (\n",
    "right to left": "x = '\u202e' (\n".encode(),
    "no UTF-8": b"x = '\xff'\n",
    "a byte order mark": b"\xef\xbb\xbfx = (\n",
    "no codec": b"# coding: nonsense\nx = 1\n",
    "no text codec": b"# coding: rot13\nk = 1\n",
    "hex": b"# coding: hex\n61\n",
    "undefined": b"# coding: undefined\nx = 1\n",
    "a slow codec": b"# coding: punycode\n" + b"a" * 100_000,
    "names of hosts": b"# coding: idna\n" + b"a" * 100_000,
    "escapes of a codec": b"# coding: unicode_escape\nx = 1\\n\\x1b\n",
    "UTF-7": b"# coding: utf-7\n+AGE- = (\n",
    "UTF-16 that is none": b"# coding: utf-16\nx = 1\n",
    "two codecs": b"\xef\xbb\xbf# coding: latin-1\nx = 1\n",
    "Python 2": b"print 'x'\n",
    "only a backslash": b"\\",
}


def judged(data: bytes) -> None:
    """All that is done with a source without running it."""
    submission = Submission(
        assignment=FIG, path=Path("/nowhere/\x1b.py"), name="\x1b[2J\n.py", data=data
    )
    source = submission.source
    fork_lines(source)
    imports(source)
    error = find_source_error(data, submission.name)
    if error is not None:
        assert problems(safe_text(str(error))) == []
        assert len(str(error)) < 1500
        assert str(error).count("\n") <= 5
    try:
        _ = submission.tree
    except AssertionError as wrong:
        assert 0 < len(str(wrong)) < 1500  # noqa: PT017


@pytest.mark.parametrize("kind", SOURCES)
def test_sources_that_break_readers(kind):
    judged(SOURCES[kind])


_tokens = st.sampled_from(
    [
        *(b"import os\n", b"os.fork()", b"\n", b" ", b"\t", b"    ", b"(", b")", b"[", b"]", b"{"),
        *(b"}", b"'", b'"', b"'''", b"\\", b"#", b"# coding: ", b"latin-1", b"utf-8", b"\xff"),
        *(b"def f():", b"if x:", b"lambda:", b"@", b":=", b"=", b"*", b"**", b"->", b"async "),
        *(b"print 'x'", b"exec 'x'", b"0777", b"10L", b"<>", b"`x`", b"from __future__ import x"),
        *(b"f'{", b"}'", b"\x0c", b"\r", b"\x1a", b"\xe2\x80\xae", b"9" * 50, b"match x:\n case "),
    ]
)


@given(st.lists(st.one_of(_tokens, st.binary(max_size=4)), max_size=30).map(b"".join))
@settings(max_examples=300)
def test_any_source(data):
    judged(data.replace(b"\0", b""))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_is_large_is_not_compiled_in_the_graders_process(tmp_path):
    """A match of two hundred thousand patterns takes half a gigabyte to compile."""
    data = b"match x:\n case " + b"1|" * 99_990 + b"1:pass"
    code = (
        "import sys\n"
        "from grader.assignments.source_errors import find_source_error\n"
        "assert find_source_error(sys.stdin.buffer.read(), 'x.py') is None\n"
        "status = open('/proc/self/status').read()\n"
        "print(int(status.partition('VmHWM:')[2].split()[0]) // 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=data, stdout=subprocess.PIPE, check=True, cwd=REPOSITORY
    )
    assert int(done.stdout) < 100


def test_an_assignment_that_is_a_fifo_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "assignment.toml")
    with pytest.raises(UsageError, match="not a regular file"):
        load(tmp_path)
