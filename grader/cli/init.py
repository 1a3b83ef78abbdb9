"""``grader init``: start a repository for an assignment."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command("init")
@click.argument("repo", type=click.Path(path_type=Path))
@click.option(
    "-a",
    "--assignment",
    metavar="NAME",
    required=True,
    help="The assignment: a name from 'grader list', or a folder.",
)
@click.option(
    "--ci",
    type=click.Choice(["github", "gitlab", "both", "none"]),
    default="both",
    show_default=True,
    help="For which continuous integration.",
)
@click.option(
    "--classroom", is_flag=True, help="The GitHub workflow reports points to GitHub Classroom."
)
@click.option(
    "--install",
    metavar="COMMAND",
    help="The command that installs grader there, such as 'pip install git+https://...'. "
    "[default: from where this one was installed, where that is an address on the web]",
)
@click.option(
    "--python",
    metavar="VERSION",
    default=f"{sys.version_info[0]}.{sys.version_info[1]}",
    show_default=True,
    help="The Python that CI uses.",
)
@click.option("--force", is_flag=True, help="Replace files that are there already.")
def command(
    repo: Path,
    assignment: str,
    ci: str,
    classroom: bool,
    install: str | None,
    python: str,
    force: bool,
) -> None:
    """Write into REPO what a repository for an assignment needs.

    The handout, a file to begin with, the checks (without solutions), settings for pytest and
    git, and a workflow for GitHub and GitLab that checks each push. REPO is a new folder, an
    empty one, or a repository. Nothing that is there is replaced without --force, and a
    submission never.
    """
    from grader.assignments import find
    from grader.assignments.starting import (
        Workflow,
        hidden_checks,
        how_to_install,
        repository_files,
        write_files,
    )
    from grader.model import UsageError
    from grader.model.safe import safe, shell_line

    if classroom and ci not in ("github", "both"):
        raise UsageError(f"--classroom is GitHub's, and --ci is {ci}")
    found = find(assignment)
    found.check_names()  # says in one line that a module is no Python
    workflow = None
    if ci != "none":
        workflow = Workflow(
            install=how_to_install() if install is None else _one_line("--install", install),
            python=_one_line("--python", python),
            classroom=classroom,
        )
    github, gitlab = ci in ("github", "both"), ci in ("gitlab", "both")
    files = repository_files(found, workflow, github=github, gitlab=gitlab)
    done = write_files(repo, files, force=force)
    encoding = sys.stdout.encoding or "ascii"
    width = max(len(safe(str(file.path), encoding)) for file, _ in done)
    for file, what in done:
        name = safe(str(file.path), encoding)
        click.echo(f"{what:<13}  {name:<{width}}  {file.purpose}")
    if hidden := hidden_checks(found):
        names = ", ".join(safe(name, encoding) for name in hidden)
        click.echo(f"\nWho reads it finds these checks, which are not for all to see: {names}")
    if not (repo / ".git").exists():
        folder = shell_line([str(repo)], encoding)
        click.echo(f"\nNext: cd {folder} && git init && git add -A && git commit -m Start")


def _one_line(option: str, text: str) -> str:
    """The text of an option, when it can be a line of a workflow."""
    from grader.model import UsageError

    if not text.strip() or not text.isprintable():
        raise UsageError(f"{option}: expected one line of text")
    return text.strip()
