"""dev.py sets .venv up once, repairs it, and does nothing when it is as it should be."""

from pathlib import Path

import pytest

from tools import environment
from tools.package_index import SetupError


class Machine:
    """Stands in for the commands that dev.py runs, and notes them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.did: list[str] = []
        self.venv_works = True
        self.pip_works = True
        self.fails = ""

    def succeeds(self, command, environment=None):
        words = " ".join(map(str, command[1:]))
        python = Path(command[0])
        if words.startswith("-m venv"):
            self.did.append("venv")
            self.make(works=self.venv_works)
            return self.venv_works
        if words.startswith("-c"):
            return python.exists() and python.read_text() == "works"
        if words.startswith("-m pip --version"):
            return self.pip_works
        return False

    def run(self, command, failure, environment=None):
        words = " ".join(map(str, command[1:]))
        kind = next(
            kind
            for kind, sign in {
                "install": "--editable",
                "get virtualenv": "--target",
                "virtualenv": "-m virtualenv",
            }.items()
            if sign in words
        )
        self.did.append(kind)
        if kind == self.fails:
            raise SetupError(failure)
        if kind == "virtualenv":
            self.make(works=True)

    def make(self, works: bool) -> None:
        (self.root / ".venv/bin").mkdir(parents=True, exist_ok=True)
        (self.root / ".venv/bin/python").write_text("works" if works else "")

    def done(self) -> list[str]:
        did, self.did = self.did, []
        return did


@pytest.fixture
def machine(tmp_path, monkeypatch) -> Machine:
    root = tmp_path / "a checkout"
    root.mkdir()
    (root / "pyproject.toml").write_text("one")
    machine = Machine(root)
    monkeypatch.setattr(environment, "_succeeds", machine.succeeds)
    monkeypatch.setattr(environment, "_run", machine.run)
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: object())
    return machine


def prepare(machine: Machine, extra: str | None = None) -> list[str]:
    assert environment.prepare(machine.root, extra, lambda text: None).exists()
    return machine.done()


def test_the_second_time_there_is_nothing_to_do(machine):
    assert prepare(machine, "dev") == ["venv", "install"]
    assert prepare(machine, "dev") == []
    assert prepare(machine) == []


def test_the_demo_first_then_the_tests_installs_the_rest(machine):
    assert prepare(machine) == ["venv", "install"]
    assert prepare(machine, "dev") == ["install"]
    assert prepare(machine, "dev") == []


def test_other_dependencies_are_installed_into_the_same_environment(machine):
    prepare(machine, "dev")
    (machine.root / "pyproject.toml").write_text("two")
    assert prepare(machine) == ["install"]
    assert prepare(machine, "dev") == ["install"]


def test_an_environment_that_does_not_work_is_made_anew(machine):
    prepare(machine)
    (machine.root / ".venv/bin/python").unlink()
    assert prepare(machine) == ["venv", "install"]


def test_a_set_up_that_was_interrupted_is_taken_up_again(machine):
    machine.fails = "install"
    with pytest.raises(SetupError, match="could not install"):
        prepare(machine)
    machine.fails = ""
    machine.done()
    assert prepare(machine) == ["install"]


def test_an_environment_for_another_python_is_made_anew(machine, monkeypatch):
    prepare(machine)
    monkeypatch.setattr(environment.sys, "version", "another")
    assert prepare(machine) == ["venv", "install"]


def test_without_a_working_venv_it_is_virtualenv(machine):
    machine.venv_works = False
    assert prepare(machine) == ["venv", "get virtualenv", "virtualenv", "install"]


def test_without_pip_that_is_fetched_first(machine, monkeypatch):
    machine.pip_works = False
    monkeypatch.setattr(environment.importlib.util, "find_spec", lambda name: None)

    def fetch(folder, places):
        machine.did.append("get pip")
        return folder / "pip.whl"

    monkeypatch.setattr(environment, "fetch_pip", fetch)
    assert prepare(machine) == ["get pip", "get virtualenv", "virtualenv", "install"]
