"""What learning management systems and GitHub let an instructor download."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from grader.batch.collect.choosing import LATER, attempt_of
from grader.batch.collect.found import Found, Recognised
from grader.batch.collect.members import Folder, Member
from grader.model import Student, Unplaced

_CANVAS = re.compile(
    r"(?:(?P<name>.+?)_)??(?P<late>LATE_)?(?:anon_(?P<anon>[A-Za-z0-9]+)|(?P<id>[0-9]+))"
    r"_(?:(?P<attachment>[0-9]+)_(?P<file>.+)|(?P<entered>text|link)\.html)",
    re.DOTALL,
)
"""``lastfirst_LATE_12345_67890_fig18_03.py`` (Canvas, ``ContentZipper``: the sortable name in lower
case and letters only, ``LATE``, the user's id or ``anon_`` and a code, the attachment's id, the
file's name); ``lastfirst_12345_text.html`` where text was entered."""

_MOODLE = re.compile(
    r"(?P<name>.*?)(?:_(?P<id>[0-9]+))?_assignsubmission_(?P<type>[a-z]+)(?:_(?P<file>.*))?",
    re.DOTALL,
)
"""``Name_12345_assignsubmission_file`` (Moodle, ``mod_assign``: a folder, with ``_`` at its end in
versions before 4.1; or the beginning of each file's name, where folders are not wanted). The
number is the participant's, as in the grading worksheet; a default group has none."""


def canvas(folder: Folder, expected: str) -> Recognised | None:
    """Recognise a download of Canvas: half of the files, or more, are named as it names them."""
    matches = {name: match for name in folder.files if (match := _CANVAS.fullmatch(name))}
    if not matches or 2 * len(matches) < len(folder.files):
        return None
    found: dict[str, Found] = {}
    for name, match in matches.items():
        code = match["id"] or f"anon_{match['anon']}"
        member = folder.files[name]
        if code not in found:
            key = "_".join(part for part in (match["name"], code) if part)
            student = Student(id=match["id"] or "", name=match["name"] or "")
            found[code] = Found(key=key, name=member.name, student=student)
        each = found[code]
        if match["late"] and not each.notes:
            each.notes.append("late, says Canvas")
        if match["entered"]:
            each.problem = f"a {match['entered']} was entered, and no file handed in"
        else:
            attempt = attempt_of(match["file"], expected)
            each.attempt = attempt if attempt != LATER else None
            place = match["file"]
            while place in each.files:
                place = f"{match['attachment']}_{place}"
            each.files[place] = member
    for each in found.values():
        if each.files:
            each.problem = ""
        if len(each.files) > 1:
            each.name, each.attempt = folder.inside(each.key), None
    words = "it is not named as Canvas names what students hand in"
    return Recognised(
        layout="a Canvas download",
        found=[*found.values()],
        unplaced=_rest(folder, set(matches), words, folders=True),
    )


def moodle(folder: Folder) -> Recognised | None:
    """Recognise a download of Moodle's assignments, with a folder a student or without."""
    names = [*folder.folders, *folder.files]
    matches = {name: match for name in names if (match := _MOODLE.fullmatch(name))}
    if not matches or 2 * len(matches) < len(names):
        return None
    found: dict[tuple[str, str], Found] = {}
    for name, match in matches.items():
        who = (match["name"], match["id"] or "")
        inner = folder.folders.get(name)
        place = inner.name if inner else folder.files[name].name
        if who not in found:
            student = Student(id=who[1], name=who[0])
            found[who] = Found(key="_".join(filter(None, who)), name=place, student=student)
        each = found[who]
        if match["type"] != "file":
            if not each.files and not each.folders:
                words = {"onlinetext": "text was entered online"}.get(match["type"], "something")
                each.problem = f"{words}, and no file handed in"
            continue
        each.problem, each.name = "", place
        if inner:
            each.folders.append(inner)
        else:
            each.files[match["file"] or name] = folder.files[name]
    words = "it is not named as Moodle names what students hand in"
    return Recognised(
        layout="a Moodle download",
        found=[*found.values()],
        unplaced=_rest(folder, set(matches), words, folders=True),
    )


def github(folder: Folder, assignment: Iterable[str]) -> Recognised | None:
    """Recognise clones of GitHub Classroom's repositories, ``fig18-03-octocat`` and so on.

    ``gh classroom clone student-repos`` puts them into a folder ``fig18-03-submissions``. What
    comes before the login is that, one of ``assignment``, or what all the names have in common.
    """
    names = [*folder.folders]
    clones = [name for name in names if folder.folders[name].repository]
    slug = folder.own_name.removesuffix("-submissions")
    wrapped = slug != folder.own_name and all(name.startswith(f"{slug}-") for name in names)
    if folder.repository or not names or not (wrapped or 2 * len(clones) > len(names)):
        return None
    known = [slug] if wrapped else []
    known += [re.sub(r"[^a-z0-9]+", "-", name.casefold()) for name in assignment]
    prefix = next((f"{each}-" for each in known if _all_start(names, f"{each}-")), "")
    certain = bool(prefix)
    if not certain and len(names) > 1:
        common = os.path.commonprefix(names)  # noqa: RUF071 - of names, not of paths
        prefix = common[: common.rfind("-") + 1]
    found = []
    for name in names:
        login = name[len(prefix) :]
        pieces = login.split("-") if certain else name.split("-")
        others = [] if certain else ["-".join(pieces[at:]) for at in range(len(pieces))]
        found.append(
            Found(
                key=login,
                name=folder.folders[name].name,
                student=Student(login=login),
                logins=others,
                folders=[folder.folders[name]],
            )
        )
    return Recognised(
        layout="clones of GitHub Classroom repositories",
        found=found,
        unplaced=_rest(folder, set(names), "it is in no repository"),
    )


def _all_start(names: list[str], prefix: str) -> bool:
    return all(name.casefold().startswith(prefix) and len(name) > len(prefix) for name in names)


def _rest(folder: Folder, taken: set[str], reason: str, folders: bool = False) -> list[Unplaced]:
    rest: list[Member | Folder] = [m for name, m in folder.files.items() if name not in taken]
    if folders:
        rest += [inner for name, inner in folder.folders.items() if name not in taken]
    return [Unplaced(name=each.name, reason=reason) for each in rest]
