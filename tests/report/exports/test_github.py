"""GitHub Actions: what its runner makes of the lines, done here as ActionCommand.cs does it."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.cli.outputs import stopped
from grader.model import Deduction
from grader.report.exports import document
from grader.report.exports.github import classroom, summary
from tests.report.exports.rows import OPTIONS, anything, failed_grader, half, row, unusable
from tests.report.html.results import SOURCE, check, result, with_one_wait

COMMANDS = {"error", "warning", "notice", "debug", "group", "endgroup", "add-mask", "set-output"}
COMMANDS |= {"stop-commands", "save-state", "add-matcher", "echo"}


@dataclass
class Command:
    name: str
    properties: dict[str, str]
    data: str


class Runner:
    """Reads a log, line by line; a line is what .NET's ReadLine takes for one."""

    def __init__(self, log: str) -> None:
        self.found: list[Command] = []
        self._token: str | None = None
        for line in re.split(r"\r\n|\r|\n", log):
            command = self._double_colon(line) or self._brackets(line)
            if command is None:
                continue
            if self._token is not None:
                if command.name == self._token:
                    self._token = None
                continue
            if command.name == "stop-commands":
                self._token = command.data
                continue
            self.found.append(command)

    def _known(self, name: str) -> bool:
        return name in COMMANDS or name == self._token

    def _double_colon(self, line: str) -> Command | None:
        line = line.lstrip()
        end = line.find("::", 2)
        if not line.startswith("::") or end < 0:
            return None
        name, _, listed = line[2:end].partition(" ")
        if not self._known(name):
            return None
        pairs = (part.split("=", 1) for part in listed.strip().split(",") if "=" in part)
        properties = {pair[0]: _unescaped(pair[1], "\r\n:,") for pair in pairs}
        return Command(name, properties, _unescaped(line[end + 2 :], "\r\n"))

    def _brackets(self, line: str) -> Command | None:
        start = line.find("##[")
        end = line.find("]", start)
        if start < 0 or end < 0:
            return None
        name = line[start + 3 : end].partition(" ")[0]
        return Command(name, {}, line[end + 1 :]) if self._known(name) else None


def _unescaped(text: str, characters: str) -> str:
    for character in characters:
        text = text.replace(f"%{ord(character):02X}", character)
    return text.replace("%25", "%")


def log_of(row, **fields: object) -> list[Command]:
    options = msgspec.structs.replace(OPTIONS, **fields)
    return Runner(document("github", row, options).data.decode()).found


def test_a_failed_check_is_an_error_at_its_line():
    found = log_of(row(1, with_one_wait()), file="fig18_03.py", source=lambda _: SOURCE)
    errors = [command for command in found if command.name == "error"]
    lines = SOURCE.decode().splitlines()
    places = [lines[int(error.properties["line"]) - 1] for error in errors]
    assert places[0] == "second = os.fork()", "it made the child that nobody waits for"
    assert {error.properties["file"] for error in errors} == {"fig18_03.py"}
    assert found[-1].name == "notice"
    assert "points" in found[-1].data


def test_titles_and_messages_come_whole():
    failing = check("x", "fail", description="50%, so: here", message="a%0Ab\nsecond, line: 100%")
    found = log_of(row(1, result(failing)))
    assert found[0].properties["title"] == "50%, so: here"
    assert found[0].data == "A%0Ab\nsecond, line: 100%"


@given(st.lists(st.tuples(anything, anything, anything), min_size=1, max_size=3), anything)
def test_nothing_that_a_program_prints_is_a_command_or_a_property(texts, name):
    checks = [
        check(f"c{n}", "fail", description=description, message=message, hint=hint)
        for n, (description, message, hint) in enumerate(texts)
    ]
    found = log_of(row(1, result(*checks), name=name))
    assert [command.name for command in found] == ["error"] * len(checks) + ["notice"]
    for command in found[:-1]:
        assert set(command.properties) <= {"file", "line", "title"}
        assert command.properties.get("line", "1") == "1"


@given(anything)
def test_between_stop_commands_no_line_is_a_command(text):
    assert Runner(stopped(text)).found == []
    assert [c.name for c in Runner(stopped(text) + "::error::x\n").found] == ["error"]


def test_the_token_can_not_be_guessed():
    assert stopped("x") != stopped("x")


def test_no_more_errors_than_a_step_keeps_one_of_which_is_the_step_itself():
    checks = [check(f"c{n}", "fail", message="x" * 10_000) for n in range(30)]
    found = log_of(row(1, result(*checks)))
    errors = [command for command in found if command.name == "error"]
    assert len(errors) == 9
    assert errors[-1].data == "22 more checks failed"
    assert all(len(error.data) <= 4096 for error in errors)


def test_what_can_not_be_run_is_an_error_and_what_grader_failed_at_is_no_verdict():
    assert log_of(unusable(1))[0].data == "the file is empty"
    assert "failure of grader" in log_of(failed_grader(1))[0].data
    broken = result(check("x", "error", message="the check took too long"), status="error")
    names = [command.name for command in log_of(row(1, broken))]
    assert names == ["warning", "warning"]


@pytest.mark.parametrize("used", [0, 500_000, 1024 * 1024 - 10])
def test_a_summary_is_never_above_a_mebibyte(used):
    """The runner drops one that is, as a whole."""
    checks = [check(f"c{n}", "fail", message="☃" * 4_000) for n in range(200)]
    data = summary(row(1, result(*checks)), OPTIONS, used)
    assert used + len(data) <= 1024 * 1024
    if used == 0:
        assert "more: see the report" in data.decode()
    short = summary(row(1, half()), OPTIONS, used)
    assert bool(short) == (used < 1024 * 1024 - 10)


def reported(row, **fields: object) -> tuple[dict, float, float, str]:
    """What Classroom's reporter makes of it (main.js, notify-classroom.js, console-results.js):
    the document, the points, the most, and what it prints."""
    report = json.loads(
        base64.b64decode(classroom(row, msgspec.structs.replace(OPTIONS, **fields)))
    )
    total = 0.0
    log = []
    assert report["tests"], "it divides by their number"
    for test in report["tests"]:
        assert isinstance(test["score"], int | float)
        assert test["status"] in ("pass", "fail", "error")
        total += test["score"]
        log.append(f"{test['name']}" if test["status"] != "error" else f"Error: {test['message']}")
    return report, total if report["max_score"] else 0.0, report["max_score"], "\n".join(log)


def test_classroom_adds_up_the_points_less_what_a_late_one_loses():
    report, total, most, _ = reported(row(1, half()))
    assert (total, most, report["status"]) == (2, 4, "fail")
    late = half(deduction=Deduction(points=0.5, reason="late"))
    assert reported(row(1, late))[1:3] == (1.5, 4)
    assert reported(row(1, late), out_of=8.0)[1:3] == (3.0, 8)


@given(anything, anything)
@example("x", "a\n::error file=x::y")
@example("::error::x", "##[error]x")
def test_what_classroom_prints_holds_no_command(name, message):
    failing = check("x", "error", description=name, message=message)
    log = reported(row(1, result(failing, status="error")))[3]
    assert Runner(log).found == []


def test_the_output_fits_into_an_environment_variable():
    checks = [check(f"c{n}", "fail", message="☃" * 4_000) for n in range(60)]
    assert len(classroom(row(1, result(*checks)), OPTIONS)) < 128 * 1024
