"""Classes to grade: the folders, or archives, that an instructor would have, in every layout.

The same seed gives the same class, byte for byte. Submissions are references and other right
programs, mistakes that students make, hostile programs that end within a second or two, and files
that can't be run; some students hand in nothing.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
import stat
import unicodedata
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).parent.parent.parent
FILE = "fig18_03.py"
ID = "fig18_03"

Kind = Literal["reference", "mistake", "hostile", "broken", "missing"]
Outcome = Literal["graded", "unusable", "missing"]

SHARES: Mapping[Kind, float] = {
    "reference": 0.42,
    "mistake": 0.40,
    "hostile": 0.06,
    "broken": 0.09,
    "missing": 0.03,
}

HOSTILE = """
    broken_text chmod_000 closes_its_streams deadlock deep_recursion dot_dot exits_by_signal
    fake_report ignores_everything kill_everyone kill_parent leaves_temporary_files long_line
    odd_names orphan_holds_terminal reads_shadow replaces_os right_and_curious sleeps_for_ever
    stop_itself
""".split()  # noqa: SIM905 - thirty lines otherwise
"""Those of tests/hostile/programs that need nothing around them, and end soon."""

_FIRST = """
    Ana Zoë José Anne-Marie Björn Łukasz Nguyễn İpek Grace Barbara Dennis Ken Ada Alan Margaret
    Linus Frances Edsger Radia Tim Shafi Donald Adele Niklaus Jean John Leslie Katherine
    Maurice Sophie
""".split()  # noqa: SIM905
_LAST = """
    Doe Müller O'Neil van~der~Berg Ångström Çelik Hopper Liskov Ritchie Thompson Lovelace
    Hamilton Torvalds Allen Dijkstra Perlman Goldwasser Knuth Goldberg Wirth Sammet McCarthy
    Lamport Johnson Wilkes Wilson García~Márquez Đặng Strauß =HYPERLINK(1)
""".split()  # noqa: SIM905


@dataclass(frozen=True)
class Link:
    """A symbolic link in the place of a file."""

    target: str


Content = bytes | Link


@dataclass(frozen=True, kw_only=True)
class Handed:
    """What one student handed in."""

    number: int
    first: str
    last: str
    login: str
    kind: Kind
    program: str
    """What it is: the file's name in its folder, or what is broken."""
    files: Mapping[str, Content]
    outcome: Outcome
    late: bool
    attempt: int

    @property
    def id(self) -> str:
        """The learning management system's number."""
        return str(10_000 + self.number)

    @property
    def email(self) -> str:
        return f"{self.login}@example.edu"


@dataclass(frozen=True, kw_only=True)
class Class:
    """A class that was made."""

    source: Path
    """The folder or the archive."""
    roster: Path
    """As the system of this layout exports it."""
    students: list[Handed]

    def outcomes(self) -> dict[str, Outcome]:
        """What should become of each, by email."""
        return {student.email: student.outcome for student in self.students}


def make_class(
    folder: Path,
    number: int,
    layout: str = "folders",
    seed: int = 0,
    shares: Mapping[Kind, float] = SHARES,
) -> Class:
    """Make a class of so many students in ``folder``, which is made; see ``LAYOUTS``."""
    folder.mkdir(parents=True)
    chance = random.Random(f"{seed}/{number}")
    students = [_student(at, chance, shares) for at in range(number)]
    name, _, packed = layout.partition(".")
    tree = _LAYOUTS[name](students)
    roster = folder / "roster.csv"
    roster.write_bytes(_ROSTERS[name](students))
    source = folder / (f"class.{packed}" if packed else "class")
    if packed:
        source.write_bytes(zipped(tree))
    else:
        _write(tree, source)
    return Class(source=source, roster=roster, students=students)


def programs(kind: Kind) -> list[Path]:
    """The programs of a kind."""
    match kind:
        case "reference":
            correct = ROOT / "tests" / "assignments_content" / "correct" / ID
            return [ROOT / "reference" / FILE, *sorted(correct.glob("*.py"))]
        case "mistake":
            return sorted((ROOT / "assignments" / ID / "mistakes").glob("*.py"))
        case "hostile":
            return [ROOT / "tests" / "hostile" / "programs" / f"{name}.py" for name in HOSTILE]
    return []


def zipped(tree: Mapping[str, Content], encrypted: bool = False) -> bytes:
    """A zip archive of files and links, the same each time."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in tree.items():
            info = zipfile.ZipInfo(name, (2026, 11, 24, 12, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            mode = stat.S_IFLNK | 0o777 if isinstance(content, Link) else stat.S_IFREG | 0o644
            info.external_attr = mode << 16
            text = content.target.encode() if isinstance(content, Link) else content
            archive.writestr(info, text)
    raw = data.getvalue()
    if encrypted:  # the flag alone, in the file's header and in the directory (APPNOTE 4.4.4)
        raw = raw.replace(b"PK\3\4\x14\0\0", b"PK\3\4\x14\0\1")
        raw = raw.replace(b"PK\1\2\x14\3\x14\0\0", b"PK\1\2\x14\3\x14\0\1")
    return raw


def _broken() -> dict[str, tuple[Mapping[str, Content], Outcome]]:
    """Submissions that are not as they should be, by what is wrong with them."""
    right = (ROOT / "reference" / FILE).read_bytes()
    return {
        "empty": ({FILE: b""}, "unusable"),
        "blank": ({FILE: b"\n  \n"}, "unusable"),
        "a program": ({FILE: b"\x7fELF\2\1\1" + bytes(64)}, "unusable"),
        "UTF-16": ({FILE: "import os\n".encode("utf-16")}, "unusable"),
        "too large": ({FILE: b"#" * 300_000}, "unusable"),
        "a document": ({"report.docx": zipped({"word/document.xml": b"<w/>"})}, "unusable"),
        "two programs": ({"first.py": right, "second.py": right}, "unusable"),
        "a link": ({FILE: Link("/etc/passwd")}, "unusable"),
        "no archive": ({"work.zip": b"this is no archive"}, "unusable"),
        "empty archive": ({"work.zip": zipped({})}, "unusable"),
        "bomb": ({"work.zip": zipped({FILE: b"#" * 30_000_000})}, "unusable"),
        "leads out": ({"work.zip": zipped({FILE: right, "../../evil.py": right})}, "unusable"),
        "absolute": ({"work.zip": zipped({"/tmp/evil.py": right})}, "unusable"),
        "link in it": ({"work.zip": zipped({FILE: Link("/etc/passwd")})}, "unusable"),
        "encrypted": ({"work.zip": zipped({FILE: right}, encrypted=True)}, "unusable"),
        "foreign archive": ({"work.rar": b"Rar!\x1a\7\1\0"}, "unusable"),
        "another name": ({"homework.py": right}, "graded"),
        "other case": ({"Fig18_03.PY": right}, "graded"),
        "hidden ending": ({f"{FILE}.txt": right}, "graded"),
        "zipped": ({"work.zip": zipped({"work/" + FILE: right, "work/notes.txt": b""})}, "graded"),
        "with a module": ({FILE: b"import more\n" + right, "more.py": b""}, "graded"),
    }


def _student(number: int, chance: random.Random, shares: Mapping[Kind, float]) -> Handed:
    kinds = [*shares]
    kind = chance.choices(kinds, [shares[kind] for kind in kinds])[0]
    first, last = chance.choice(_FIRST), chance.choice(_LAST).replace("~", " ")
    if number >= 100:  # two students may have one name; in a class of hundreds some would
        last = f"{last}-{chance.choice(_LAST).replace('~', ' ')}"
    files: Mapping[str, Content]
    outcome: Outcome = "graded"
    if kind == "broken":
        broken = _broken_once()
        program = chance.choice(sorted(broken))
        files, outcome = broken[program]
    elif kind == "missing":
        program, files, outcome = "", {}, "missing"
    else:
        path = chance.choice(programs(kind))
        program, files = path.stem, {FILE: path.read_bytes()}
    return Handed(
        number=number,
        first=first,
        last=last,
        login=f"{re.sub('[^a-z]', '', _plain(last))[:8]}{number}",
        kind=kind,
        program=program,
        files=files,
        outcome=outcome,
        late=chance.random() < 0.1,
        attempt=chance.choice((1, 1, 1, 2, 3)),
    )


_KEPT: dict[str, tuple[Mapping[str, Content], Outcome]] = {}


def _broken_once() -> dict[str, tuple[Mapping[str, Content], Outcome]]:
    if not _KEPT:
        _KEPT.update(_broken())
    return _KEPT


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text.casefold())


def _flat(students: Sequence[Handed]) -> dict[str, Content]:
    tree: dict[str, Content] = {}
    for student in students:
        if len(student.files) == 1:
            ((name, content),) = student.files.items()
            ending = ".py.txt" if name.endswith(".py.txt") else name[name.rindex(".") :]
            tree[f"{student.login}{ending}"] = content
        elif student.files:
            tree[f"{student.login}.zip"] = zipped(student.files)
    return tree


def _folders(students: Sequence[Handed]) -> dict[str, Content]:
    return {f"{s.login}/{name}": content for s in students for name, content in s.files.items()}


def _github(students: Sequence[Handed]) -> dict[str, Content]:
    tree: dict[str, Content] = {}
    for student in students:
        place = f"fig18-03-submissions/fig18-03-{student.login}"
        if student.files:
            tree[f"{place}/.git/HEAD"] = b"ref: refs/heads/main\n"
            tree[f"{place}/README.md"] = b"# Fig. 18.3\n"
        tree |= {f"{place}/{name}": content for name, content in student.files.items()}
    return tree


def _canvas(students: Sequence[Handed]) -> dict[str, Content]:
    tree: dict[str, Content] = {}
    for student in students:
        name = re.sub(r"\W", "", f"{student.last}{student.first}".lower())
        late = "LATE_" if student.late else ""
        for at, (file, content) in enumerate(student.files.items()):
            if student.attempt > 1:
                stem, dot, ending = file.partition(".")
                file = f"{stem}-{student.attempt - 1}{dot}{ending}"
            tree[f"{name}_{late}{student.id}_{90_000 + 10 * student.number + at}_{file}"] = content
    return tree


def _moodle(students: Sequence[Handed]) -> dict[str, Content]:
    tree: dict[str, Content] = {}
    for student in students:
        name = f"{student.first} {student.last}_{student.id}_assignsubmission"
        if student.number % 7 == 0 and student.files:
            tree[f"{name}_onlinetext/onlinetext.html"] = b"<p>Here it is.</p>"
        tree |= {f"{name}_file/{file}": content for file, content in student.files.items()}
    return tree


def _gradescope(students: Sequence[Handed]) -> dict[str, Content]:
    tree: dict[str, Content] = {}
    lines = []
    for student in students:
        if not student.files:
            continue
        place = f"submission_{500_000 + student.number}"
        lines += [
            f"{place}:",
            "  :submitters:",
            f"  - :name: {json.dumps(f'{student.first} {student.last}')}",
            f"    :sid: '{student.id}'",
            f"    :email: {student.email}",
            f"  :created_at: 2026-11-{1 + student.number % 28:02} 12:00:00.123456789 Z",
            "  :score: 0.0",
            "  :results:",
            "    tests:",
            "    - name: 'a test'",
            "      score: 1.0",
            "  :history: []",
        ]
        tree |= {f"assignment_77_export/{place}/{f}": c for f, c in student.files.items()}
    tree["assignment_77_export/submission_metadata.yml"] = "\n".join(["---", *lines, ""]).encode()
    return tree


_LAYOUTS: Mapping[str, Callable[[Sequence[Handed]], dict[str, Content]]] = {
    "flat": _flat,
    "folders": _folders,
    "github": _github,
    "canvas": _canvas,
    "moodle": _moodle,
    "gradescope": _gradescope,
}

LAYOUTS = [*_LAYOUTS, *(f"{name}.zip" for name in _LAYOUTS)]
"""By name; ``.zip``: the same in one archive."""


def _csv(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([heading, *rows])
    return text.getvalue().encode("utf-8-sig")


def _plain_roster(students: Sequence[Handed]) -> bytes:
    heading = ["First name", "Last name", "Student ID", "Username", "Email"]
    return _csv(heading, [[s.first, s.last, s.id, s.login, s.email] for s in students])


def _github_roster(students: Sequence[Handed]) -> bytes:
    heading = ["identifier", "github_username", "github_id", "name"]
    return _csv(heading, [[s.email, s.login, s.id, f"{s.first} {s.last}"] for s in students])


def _canvas_roster(students: Sequence[Handed]) -> bytes:
    heading = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Fig. 18.3 (4711)"]
    rows = [["    Points Possible", "", "", "", "", "20"]]
    rows += [[f"{s.last}, {s.first}", s.id, f"sis{s.number}", s.email, "A", ""] for s in students]
    return _csv(heading, rows)


def _moodle_roster(students: Sequence[Handed]) -> bytes:
    heading = ["Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade"]
    heading += ["Grade can be changed", "Last modified (submission)", "Last modified (grade)"]
    heading += ["Feedback comments"]
    rest = ["", "20.00", "Yes", "-", "-", ""]
    return _csv(
        heading,
        [
            [f"Participant {s.id}", f"{s.first} {s.last}", s.email, "No submission", *rest]
            for s in students
        ],
    )


def _gradescope_roster(students: Sequence[Handed]) -> bytes:
    heading = ["First Name", "Last Name", "SID", "Email", "Sections"]
    return _csv(heading, [[s.first, s.last, s.id, s.email, ""] for s in students])


_ROSTERS: Mapping[str, Callable[[Sequence[Handed]], bytes]] = {
    "flat": _plain_roster,
    "folders": _plain_roster,
    "github": _github_roster,
    "canvas": _canvas_roster,
    "moodle": _moodle_roster,
    "gradescope": _gradescope_roster,
}


def _write(tree: Mapping[str, Content], folder: Path) -> None:
    folder.mkdir()
    for name, content in tree.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Link):
            path.symlink_to(content.target)
        else:
            path.write_bytes(content)
