"""What a new repository holds: what the class needs, and no solution."""

import ast
import importlib.metadata
import json
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from grader.assignments import all_assignments, check, find, load
from grader.assignments.starting import (
    Workflow,
    contents,
    hidden_checks,
    how_to_install,
    repository_files,
)
from grader.model import UsageError

BUNDLED = all_assignments()


def files(assignment, github=True, gitlab=True, **changes):
    """The files of its repository, by path."""
    workflow = Workflow(**{"install": "pip install x", "python": "3.13", **changes})
    found = repository_files(assignment, workflow, github=github, gitlab=gitlab)
    return {str(file.path): file.data for file in found}


@pytest.fixture
def own(tmp_path):
    """A folder with a copy of fig18_03, to change."""
    folder = tmp_path / "own"
    shutil.copytree(find("fig18_03").folder, folder)
    shutil.copy(find("fig18_03").reference_path, folder)
    return folder


def change(folder: Path, old: str, new: str) -> None:
    text = (folder / "assignment.toml").read_text()
    assert old in text
    (folder / "assignment.toml").write_text(text.replace(old, new))


@pytest.mark.parametrize("assignment", BUNDLED, ids=lambda each: each.id)
def test_a_starter_runs_and_is_far_from_a_solution(assignment, tmp_path):
    (tmp_path / assignment.file).write_bytes(contents.starter(assignment))
    result = check(assignment, tmp_path / assignment.file)
    assert result.status == "fail"
    assert result.score <= result.max_score / 4
    assert next(each for each in result.checks if each.id == "runs").status == "pass"
    tree = ast.parse(contents.starter(assignment))
    assert {type(node) for node in tree.body} == {ast.Expr, ast.Import}, "it does something"


def test_no_solution_comes_along(own):
    shutil.copy(own / "mistakes" / "one_wait.py", own / "solution_of_mine.py")
    found = files(load(own))
    reference = (own / "fig18_03.py").read_bytes()
    assert reference not in found.values()
    assert sorted(path for path in found if path.startswith("assignments/")) == [
        "assignments/fig18_03/assignment.toml",
        "assignments/fig18_03/test_fig18_03.py",
    ]


def test_an_assignment_without_starter_gets_what_its_settings_tell(own):
    (own / "starter.py").unlink()
    change(own, 'title = "Fig. 18.3', 'title = "\\"\\"\\"\\u001b[2J\\nos.abort() 18.3')
    text = contents.starter(load(own))
    assert b"os.abort()" in text
    assert {type(node) for node in ast.parse(text).body} == {ast.Import}
    assert b"\x1b" not in text


def test_the_reference_solution_is_no_starter(own):
    shutil.copy(find("fig18_03").reference_path, own / "starter.py")
    with pytest.raises(UsageError, match="the reference solution: students would get it"):
        files(load(own))


def test_what_the_checks_need_comes_along_and_works_from_there(own, tmp_path):
    change(own, "[limits]", '[confinement]\nfiles = ["data"]\n[limits]')
    (own / "data" / "deep").mkdir(parents=True)
    (own / "data" / "deep" / "words.txt").write_text("one\n")
    (own / "conftest.py").write_text("")
    found = files(load(own))
    assert found["assignments/fig18_03/data/deep/words.txt"] == b"one\n"
    assert "assignments/fig18_03/conftest.py" in found
    for path, data in found.items():
        (tmp_path / "repo" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "repo" / path).write_bytes(data)
    copy = load(tmp_path / "repo" / "assignments" / "fig18_03")
    assert copy.check_names() == load(own).check_names()


@pytest.mark.parametrize(
    ("mark", "hidden"), [("hidden", ["runs"]), ("after-due-date", ["runs"]), ("visible", [])]
)
def test_who_copies_hidden_checks_can_be_told(own, mark, hidden):
    module = own / "test_fig18_03.py"
    text = module.read_text()
    marked = f'@pytest.mark.visibility("{mark}")\ndef test_runs('
    module.write_text(text.replace("def test_runs(", marked))
    assert hidden_checks(load(own)) == hidden
    module.write_text(text + f'pytestmark = [pytest.mark.visibility("{mark}")]\n')
    assert hidden_checks(load(own)) == (load(own).check_names() if hidden else [])


@pytest.mark.parametrize(
    "name", ["my file.py", "-rf.py", "it's: #1.py", "${{ github.token }}.py", "é$(x).py"]
)
def test_a_strange_name_stays_one_word_everywhere(own, name):
    change(own, 'file = "fig18_03.py"', f"file = '''{name}'''")
    found = files(load(own), install="pip install 'a b' # c: d")
    expected = "./-rf.py" if name.startswith("-") else name
    github = yaml.safe_load(found[".github/workflows/grader.yml"])
    install, run = (step["run"] for step in github["jobs"]["check"]["steps"] if "run" in step)
    assert install == "pip install 'a b' # c: d"
    run = run.replace("${{ '${{' }}", "${{")  # what GitHub makes of it, and of nothing else
    assert shlex.split(run)[2] == expected
    gitlab = yaml.safe_load(found[".gitlab-ci.yml"])["grader"]["script"]
    assert shlex.split(gitlab[1])[2] == expected
    assert f"--submission {shlex.quote(expected)} " in found["pytest.ini"].decode()


def test_github_finds_no_expression_in_what_is_no_expression_of_ours(own):
    change(own, 'file = "fig18_03.py"', "file = '${{ github.token }}.py'")
    text = files(load(own))[".github/workflows/grader.yml"].decode()
    assert "${{ github.token" not in text


@pytest.mark.parametrize("classroom", [False, True])
def test_the_workflows_are_what_the_published_schemas_ask_for(own, tmp_path, classroom):
    pytest.importorskip("check_jsonschema")
    found = files(load(own), classroom=classroom)
    github = f".github/workflows/{'classroom' if classroom else 'grader'}.yml"
    for schema, name in ("github-workflows", github), ("gitlab-ci", ".gitlab-ci.yml"):
        (tmp_path / "file.yml").write_bytes(found[name])
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}"]
        done = subprocess.run([*command, tmp_path / "file.yml"], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_only_the_ci_that_is_wanted(own):
    assert ".gitlab-ci.yml" not in files(load(own), gitlab=False)
    assert ".github/workflows/grader.yml" not in files(load(own), github=False)


def test_classroom_finds_its_job_and_the_points(own):
    text = files(load(own), classroom=True)[".github/workflows/classroom.yml"]
    workflow = yaml.safe_load(text)
    # The names that the reporter, and Classroom, look for.
    job = workflow["jobs"]["run-autograding-tests"]
    reporter = job["steps"][-1]
    assert reporter["uses"] == "classroom-resources/autograding-grading-reporter@v1"
    assert reporter["env"] == {"GRADER_RESULTS": "${{ steps.grader.outputs.result }}"}
    assert reporter["with"]["runners"].upper() + "_RESULTS" in reporter["env"]
    assert reporter["if"] == "${{ !cancelled() }}", "it is not told of a failure otherwise"
    assert workflow["permissions"] == {"contents": "read", "checks": "write", "actions": "read"}


COMMIT = "0123456789abcdef0123456789abcdef01234567"


def origin(url, **more):
    return json.dumps({"url": url, **more})


def git(commit=COMMIT):
    return {"vcs": "git", "commit_id": commit}


@pytest.fixture
def installed_from(monkeypatch):
    def tell(text):
        class Distribution:
            def read_text(self, name):
                assert name == "direct_url.json"
                return text

        monkeypatch.setattr(importlib.metadata, "distribution", lambda _: Distribution())

    return tell


@pytest.mark.parametrize(
    ("text", "source"),
    [
        (
            origin("https://git.example.org/g.git", vcs_info=git()),
            f"git+https://git.example.org/g.git@{COMMIT}",
        ),
        (origin("https://example.org/g-1.whl", archive_info={}), "https://example.org/g-1.whl"),
    ],
)
def test_ci_installs_the_grader_that_runs_here(installed_from, text, source):
    installed_from(text)
    assert how_to_install() == f"pip install {source}"


@pytest.mark.parametrize(
    "text",
    [
        None,
        "not JSON",
        "[]",
        origin("file:///home/ana/grader", dir_info={}),
        origin("https://me:token@example.org/g.whl", archive_info={}),
        origin("https://example.org/g.whl;reboot", archive_info={}),
        origin("https://example.org/g.git", vcs_info=git("main; reboot")),
        origin("https://example.org/g.git", vcs_info={"vcs": "hg", "commit_id": COMMIT}),
        origin("https://example.org/all.git", vcs_info=git(), subdirectory="grader"),
    ],
)
def test_where_it_did_not_come_from_the_web_someone_has_to_say(installed_from, text):
    installed_from(text)
    with pytest.raises(UsageError, match="--install 'pip install"):
        how_to_install()


def test_the_settings_that_are_copied_are_valid(own):
    assert tomllib.loads(files(load(own))["assignments/fig18_03/assignment.toml"].decode())
