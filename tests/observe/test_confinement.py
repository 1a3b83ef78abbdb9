"""Confined programs: what they reach, what honest ones need, and what is missing where."""

from __future__ import annotations

import os
import sys
import textwrap
from pathlib import Path

import msgspec
import pytest

from grader.explore import explore
from grader.judge import flags
from grader.model import Confinement, Limits, Refused, Scenario
from grader.observe import python_executable, run
from grader.observe.confine import landlock
from grader.observe.confine.environment import confined_environment
from grader.observe.confine.landlock import Grant
from grader.observe.confine.reach import Reach
from grader.observe.confine.user import user_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Landlock and seccomp are Linux's")

ENGINES = ["exact", "controlled", "sampled"]


@pytest.fixture
def outside(tmp_path):
    """A file that is not the program's own, in a folder that it may not read."""
    folder = tmp_path / "others"
    folder.mkdir()
    file = folder / "secret.txt"
    file.write_text("secret")
    return file


@pytest.fixture
def confined(tmp_path):
    """Runs Python source confined, and returns its trace."""

    def go(source, engine="exact", *arguments, **options):
        file = tmp_path / "program.py"
        file.write_text(textwrap.dedent(source))
        allowed = options.pop("allowed", {})
        files = {"program.py": str(file), **allowed.pop("files", {})}
        scenario = Scenario(
            command=[python_executable(), "program.py", *map(str, arguments)],
            script="program.py",
            confinement=Confinement(files=files, **allowed),
            limits=Limits(seconds=20),
            stdio=options.pop("stdio", "pipe"),
            **options,
        )
        if engine == "controlled":
            return explore(msgspec.structs.replace(scenario, time="ideal")).traces[0]
        return run(scenario, engine)

    return go


def text(trace):
    assert trace.doubts == []
    assert trace.ended == "exit", trace
    return "".join(output.text for output in trace.output)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_honest_program_has_what_it_needs(confined, engine):
    trace = confined(
        """
        import getpass, json, locale, multiprocessing, os, random, shutil, sqlite3, ssl, sys
        import subprocess, tempfile, time, zoneinfo
        assert os.getcwd() == os.environ["HOME"] == os.path.expanduser("~")
        with open("notes.txt", "w") as file: file.write("hello")
        os.rename("notes.txt", "renamed.txt")
        os.mkdir("d"); os.symlink("../renamed.txt", "d/link"); assert open("d/link").read()
        if len(sys.argv) == 1:
            os.chmod("renamed.txt", 0o600); os.utime("renamed.txt")
        shutil.rmtree("d")
        with tempfile.TemporaryDirectory() as folder:
            assert not folder.startswith(os.getcwd())
            open(os.path.join(folder, "x"), "w").close()
        open("/dev/null", "w").write("x"); os.urandom(4); open("/dev/urandom", "rb").read(4)
        assert getpass.getuser() == "student"
        time.localtime(); locale.setlocale(locale.LC_ALL, "")
        assert len(os.listdir("/proc/self/fd")) >= 3
        pid = os.fork()
        if pid == 0: os._exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
        r, w = os.pipe(); os.write(w, b"x"); assert os.read(r, 1) == b"x"
        print("fine", flush=True)
        os.execv("/bin/echo", ["echo", "as another program"])
        """,
        engine,
        # Of modes and times of files only the exact engine can tell whose they are.
        *(["sampled"] if engine == "sampled" else []),
    )
    assert text(trace) == "fine\nas another program\n"
    assert [event for event in trace.events if isinstance(event, Refused)] == []
    assert [words for words in trace.unconfined if not words.startswith("memory")] == []
    assert trace.folder is not None
    assert not Path(trace.folder).exists()


REACHES = """
import os, sys
outside = sys.argv[1]
folder = os.path.dirname(outside)
def attempt(what, action):
    try:
        action()
    except OSError as error:
        print(what, error.strerror)
    else:
        print(what, "DONE")
attempt("read", lambda: open(outside).read())
attempt("list", lambda: os.listdir(folder))
attempt("write", lambda: open(outside, "a"))
attempt("make", lambda: open(folder + "/new", "w"))
attempt("truncate", lambda: os.truncate(outside, 0))
attempt("remove", lambda: os.unlink(outside))
attempt("rename", lambda: os.rename(outside, outside + "x"))
attempt("take", lambda: os.rename(outside, "mine"))
attempt("mkdir", lambda: os.mkdir(folder + "/d"))
attempt("link", lambda: os.link(outside, "linked"))
attempt("mode", lambda: os.chmod(outside, 0o777))
attempt("times", lambda: os.utime(outside, (0, 0)))
os.symlink(outside, "symbolic")
attempt("through a link", lambda: open("symbolic").read())
attempt("its mode through a link", lambda: os.chmod("symbolic", 0o777))
attempt("upwards", lambda: open(os.path.relpath(outside)).read())
attempt("run", lambda: os.execv(outside, ["x"]))
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_what_is_not_its_own_is_out_of_reach(confined, outside, engine):
    outside.chmod(0o755)
    before = outside.stat()
    trace = confined(REACHES, engine, outside)
    assert "DONE" not in text(trace)
    after = outside.stat()
    assert outside.read_text() == "secret"
    assert (after.st_mode, after.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)
    assert list(outside.parent.iterdir()) == [outside]
    if engine != "sampled":
        told = [event for event in trace.events if isinstance(event, Refused)]
        assert len(told) == 16
        assert any(flag.kind == "refused" for flag in flags(trace))


@pytest.mark.parametrize("abi", range(7))
@pytest.mark.parametrize("engine", ["exact", "controlled"])
def test_with_each_version_of_landlock(confined, outside, monkeypatch, abi, engine):
    if landlock.abi() < abi:
        pytest.skip("this kernel's Landlock is older")
    monkeypatch.setattr(landlock, "abi", lambda: abi)
    trace = confined(REACHES, engine, outside)
    assert "DONE" not in text(trace)
    assert outside.read_text() == "secret"
    assert any("Landlock" in words for words in trace.unconfined) is (abi < 3)


def test_without_landlock_the_sampled_engine_says_what_is_missing(confined, monkeypatch):
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    trace = confined("print('x')", "sampled")
    assert text(trace) == "x\n"
    assert any("files" in words for words in trace.unconfined)
    assert any("signals" in words for words in trace.unconfined)


@pytest.mark.parametrize("engine", ENGINES)
def test_its_terminal_it_may_open_by_name(confined, engine):
    trace = confined(
        """
        import os
        for name in ("/dev/tty", os.ttyname(1)):
            with open(name, "w") as terminal: terminal.write("on it\\n")
        """,
        engine,
        stdio="terminal",
    )
    assert text(trace) == "on it\non it\n"


def test_what_an_assignment_allows(confined, outside, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "words.txt").write_text("a word")
    source = """
    import socket, sys
    print(open("data/words.txt").read(), open(sys.argv[1]).read())
    socket.socket().close()
    from multiprocessing import shared_memory
    memory = shared_memory.SharedMemory(create=True, size=10)
    memory.close(); memory.unlink()
    """
    allowed = {"files": {"data": str(data)}, "reads": (str(outside),)}
    trace = confined(
        source, "exact", outside, allowed={**allowed, "network": True, "shared_memory": True}
    )
    assert text(trace) == "a word secret\n"
    trace = confined(source, "exact", outside, allowed=allowed)
    assert "PermissionError" in text(trace)


def test_the_working_folder_is_the_same_in_each_schedule(tmp_path):
    file = tmp_path / "program.py"
    file.write_text(
        "import os\n"
        "pid = os.fork()\n"
        "print(sorted(os.listdir()), flush=True)\n"
        "open('left' + str(pid > 0), 'w').close()\n"
        "os.chmod('program.py', 0)\n"
        "if pid: os.wait()\n"
    )
    found = explore(
        Scenario(
            command=[python_executable(), "program.py"],
            script="program.py",
            time="adversarial",
            output_order=True,
            confinement=Confinement(files={"program.py": str(file)}),
        )
    )
    first = {trace.output[0].text for trace in found.traces}
    assert first == {"['program.py']\n"}, "what a run left was there for the next"


def test_folders_and_so_tracebacks_are_the_same_each_time(confined):
    traces = [confined("raise ValueError('x')") for _ in range(2)]
    assert len({text(trace) for trace in traces}) == 1
    assert "Traceback" in text(traces[0])


# -- what may be read ------------------------------------------------------------------------


def reach(program, **allowed):
    return Reach(Confinement(**allowed), program, True, ["/private"], None)


def granted(grants, path):
    """Whether Landlock's rules let a file be read: rules of all folders above it count."""
    places = {str(path), *map(str, Path(path).parents)}
    return any(grant.path in places and grant.rights & landlock.READ_FILE for grant in grants)


def test_an_interpreters_libraries_are_not_all_of_its_prefix(tmp_path):
    prefix = tmp_path / "home"
    for folder in ("bin", "lib/python3.12", "Documents"):
        (prefix / folder).mkdir(parents=True)
    program = prefix / "bin/python3.12"
    program.touch()
    grants = reach(str(program)).grants
    assert granted(grants, program)
    assert granted(grants, prefix / "lib/python3.12/os.py")
    assert not granted(grants, prefix / "Documents/grades.csv")
    assert not granted(grants, prefix / "bin/other")


def test_what_is_hidden_stays_so_beneath_what_may_be_read(tmp_path):
    library = tmp_path / "lib"
    for place in ("site-packages/grader/model", "site-packages/other", "site-packages/reference"):
        (library / place).mkdir(parents=True)
    (library / "module.py").touch()
    hidden = (str(library / "site-packages/grader"), str(library / "site-packages/reference"))
    rules = reach("/usr/bin/python3", reads=(str(library),), hidden=hidden)
    for place in ("module.py", "site-packages/other/module.py"):
        assert granted(rules.grants, library / place), place
        assert rules.allows(str(library / place), changing=False)
        assert not rules.allows(str(library / place), changing=True)
    for place in ("site-packages/grader/model/a.py", "site-packages/reference/fig18_03.py"):
        assert not granted(rules.grants, library / place), place
        assert not rules.allows(str(library / place), changing=False)
    names = Grant(str(library / "site-packages"), landlock.READ_DIR)
    assert names in rules.grants, "an import lists the folder"


def test_the_grader_itself_is_hidden_wherever_it_is_installed():
    import grader

    package = str(Path(grader.__file__).resolve().parent)
    rules = reach("/usr/bin/python3", reads=(str(Path(package).parent),))
    assert not granted(rules.grants, Path(package, "judge/flags.py"))


# -- as whom, and in which environment -------------------------------------------------------


def test_nothing_of_the_users_environment_is_passed_on(monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "s")
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    variables = confined_environment("/private/work", "/private/tmp", "/opt/py/bin/python3")
    assert "s" not in variables.values()
    assert variables["TZ"] == "Europe/Berlin"
    assert variables["PATH"].split(":")[0] == "/opt/py/bin"
    assert not any(name.startswith("PYTHON") for name in variables)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run it as somebody else")
def test_root_runs_it_as_nobody_in_particular_where_that_can_reach_it(tmp_path):
    tmp_path.chmod(0o755)
    program = tmp_path / "program"
    program.write_text("")
    program.chmod(0o755)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "program").touch(mode=0o755)
    user = user_for("demo", "/bin/sh")
    assert user is not None
    assert user.uid >= 61184
    assert user_for("demo", "/bin/sh") == user
    kept = user_for("demo", str(closed / "program"))
    assert kept is not None
    assert kept.uid == 0
    assert str(tmp_path) in kept.words or "/tmp" in kept.words


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has something to lose")
def test_root_without_privileges_has_none(confined):
    trace = confined(
        """
        import os
        status = open("/proc/self/status").read()
        for line in status.splitlines():
            if line.startswith(("Cap", "NoNewPrivs", "Groups")): print(line)
        """
    )
    for line in text(trace).splitlines():
        name, _, value = line.partition(":")
        if name.startswith("Cap"):
            assert int(value, 16) == 0, line
        if name == "NoNewPrivs":
            assert value.strip() == "1"


def test_core_dumps_are_off(confined):
    trace = confined(
        """
        import os, resource
        print(resource.getrlimit(resource.RLIMIT_CORE), flush=True)
        os.abort()
        """
    )
    assert text(trace) == "(1, 1)\n"
    assert trace.exit.signal == 6
