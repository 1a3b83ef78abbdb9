"""The textbook's six sample outputs are accepted as they are, and in no other form."""

import re
from itertools import combinations

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from grader.judge import Mismatch, Script
from grader.model import Unproved
from tests.judge.figures import NAMES, SAMPLES
from tests.sizes import size

each_sample = pytest.mark.parametrize(("script", "text"), SAMPLES, ids=NAMES)


def accepted(script: Script, text: str) -> bool:
    try:
        script.match_text(text)
    except Mismatch:
        return False
    return True


def owner(text: str) -> list[str]:
    """Who printed each line of a sample; known from its words."""
    owners = []
    for line in text.splitlines():
        if "rocessName: parent" in line or line.startswith("Pa") or line.startswith("Program"):
            owners.append("P")
        elif "rocessName: child" in line or line == "Child executing":
            owners.append("C")
        elif re.match("Child[12] ", line):
            owners.append(line[:6])
        elif line == "Process finishing":
            owners.append("?")
        elif "forkPID2: 0" in line:
            owners.append("Child2")
        elif "forkPID1: 0" in line:
            owners.append("Child1")
        else:
            owners.append("P")
    # "Process finishing" is followed by the same process's pid in all samples.
    return [owners[i + 1] if o == "?" else o for i, o in enumerate(owners)]


@each_sample
def test_the_sample_is_accepted(script: Script, text: str) -> None:
    match = script.match_text(text)
    pids = set(re.findall(r"[0-9]{4}", text))
    assert {str(match[f"{role}.pid"]) for role in script.roles} == pids


@each_sample
def test_windows_line_ends_are_read_as_line_ends(script: Script, text: str) -> None:
    assert accepted(script, text.replace("\n", "\r\n"))


@each_sample
def test_no_line_can_be_missing_or_come_twice(script: Script, text: str) -> None:
    lines = text.splitlines(keepends=True)
    for i, line in enumerate(lines):
        assert not accepted(script, "".join(lines[:i] + lines[i + 1 :])), f"without {line}"
        for j in range(len(lines) + 1):
            doubled = [*lines[:j], line, *lines[j:]]
            assert not accepted(script, "".join(doubled)), f"{line} again at {j}"


@each_sample
def test_the_last_newline_must_be_there(script: Script, text: str) -> None:
    assert not accepted(script, text[:-1])
    assert not accepted(script, text + "\n")


@each_sample
def test_no_character_can_be_dropped_or_changed(script: Script, text: str) -> None:
    free = set()  # pids that are named once, and the seconds, can be any number
    for found in re.finditer(r"[0-9]+", text):
        if "for " + found[0] + " seconds" in text[found.start() - 4 : found.end() + 8] or (
            len(found[0]) == 4 and text.count(found[0]) == 1
        ):
            free |= {*range(*found.span())}
    step = size(3, 1)
    for i, char in enumerate(text):
        if i in free or i % step:
            continue
        assert not accepted(script, text[:i] + text[i + 1 :]), f"without {char!r} at {i}"
        other = "7" if char.isdecimal() and char != "7" else "x" if char != "x" else "y"
        assert not accepted(script, text[:i] + other + text[i + 1 :]), (
            f"{other} for {char!r} at {i}"
        )


@each_sample
def test_a_pid_that_is_named_more_than_once_cannot_change_in_one_place(
    script: Script, text: str
) -> None:
    pids = sorted(set(re.findall(r"[0-9]{4}", text)))
    for pid in pids:
        places = [m.start() for m in re.finditer(pid, text)]
        for place in places if len(places) > 1 else []:
            for other in {"4321", "1", str(int(pid) + 1), str(int(pid) - 1), *pids} - {pid}:
                changed = text[:place] + other + text[place + 4 :]
                assert not accepted(script, changed), f"{other} for {pid} at {place}"


@each_sample
def test_no_two_processes_can_have_one_pid(script: Script, text: str) -> None:
    pids = sorted(set(re.findall(r"[0-9]{4}", text)))
    for one, other in combinations(pids, 2):
        assert not accepted(script, text.replace(one, other))


@each_sample
def test_every_pid_may_be_another_one_everywhere(script: Script, text: str) -> None:
    for pid in set(re.findall(r"[0-9]{4}", text)):
        assert accepted(script, text.replace(pid, "12"))


@each_sample
def test_no_process_can_print_its_lines_in_another_order(script: Script, text: str) -> None:
    lines = text.splitlines(keepends=True)
    owners = owner(text)
    for i, j in combinations(range(len(lines)), 2):
        if owners[i] == owners[j] and lines[i] != lines[j]:
            swapped = list(lines)
            swapped[i], swapped[j] = lines[j], lines[i]
            assert not accepted(script, "".join(swapped)), f"{lines[i]} and {lines[j]} swapped"


@each_sample
@settings(max_examples=size(40, 100))
@given(data=st.data())
def test_any_interleaving_even_of_half_lines_is_accepted(
    script: Script, text: str, data: st.DataObject
) -> None:
    owners = owner(text)
    own = {
        name: "".join(
            line
            for o, line in zip(owners, text.splitlines(keepends=True), strict=True)
            if o == name
        )
        for name in set(owners)
    }
    out = ""
    while own := {name: rest for name, rest in own.items() if rest}:
        name = data.draw(st.sampled_from(sorted(own)))
        length = data.draw(st.integers(1, len(own[name])))
        out, own[name] = out + own[name][:length], own[name][length:]
    try:
        assert accepted(script, out)
    except Unproved:  # few of these, else hypothesis complains: too many ways to divide the text
        reject()
