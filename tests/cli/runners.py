"""What runs a workflow: GitHub's runner and GitLab's, as far as a step of ours can see them.

GitHub: variables and files as in https://docs.github.com/en/actions/reference/workflows-and-actions/variables,
commands as its ActionCommand.TryParseV2 reads them from the log
(https://github.com/actions/runner, src/Runner.Common/ActionCommand.cs).
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_HIDDEN = ("PYTEST_", "COV_", "GITHUB_", "CI", "PYTHONPATH", "PYTHONHOME", "FORCE_COLOR")


@dataclass
class Command:
    """A workflow command, such as an annotation."""

    name: str
    properties: dict[str, str]
    text: str


@dataclass
class Run:
    """What became of a job."""

    status: int
    """Of the step that ended it: 0 when all succeeded."""
    log: str
    """Of that step."""
    commands: list[Command] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""

    def annotations(self, name: str = "error") -> list[Command]:
        return [command for command in self.commands if command.name == name]


def github(checkout: Path, environment: Path, scratch: Path) -> Run:
    """Run the ``run:`` steps of a checkout's workflow; ``environment`` is a virtual one that is
    active."""
    (path,) = (checkout / ".github" / "workflows").glob("*.yml")
    workflow: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(workflow[True]) >= {"push"}, "`on` is true to YAML 1.1"
    (job,) = workflow["jobs"].values()
    for step in job["steps"]:
        if "run" not in step:
            continue
        files = {key: scratch / key for key in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        script = scratch / "step.sh"
        script.write_text(_evaluated(step["run"]), encoding="utf-8")
        variables = {key: str(file) for key, file in files.items()}
        variables |= {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(checkout)}
        variables |= {"RUNNER_OS": "Linux", "RUNNER_TEMP": str(scratch)}
        done = _run(["bash", "-e", str(script)], checkout, environment, variables)
        run = Run(
            done.returncode,
            done.stdout,
            _commands(done.stdout),
            _outputs(files["GITHUB_OUTPUT"].read_text(encoding="utf-8")),
            files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8"),
        )
        if run.status:
            return run
    return run


def gitlab(checkout: Path, environment: Path) -> Run:
    """Run the script of a checkout's pipeline: one shell runs all lines, and ends at the first
    that fails."""
    pipeline = yaml.safe_load((checkout / ".gitlab-ci.yml").read_text(encoding="utf-8"))
    (job,) = pipeline.values()
    script = "\n".join(job["script"])
    variables = {"GITLAB_CI": "true", "CI_PROJECT_DIR": str(checkout), **job["variables"]}
    done = _run(["bash", "-eo", "pipefail", "-c", script], checkout, environment, variables)
    return Run(done.returncode, done.stdout)


def _run(
    words: list[str], folder: Path, environment: Path, variables: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(_HIDDEN)}
    kept |= {"PATH": f"{environment / 'bin'}:{kept['PATH']}", "VIRTUAL_ENV": str(environment)}
    return subprocess.run(
        words,
        cwd=folder,
        env={**kept, "CI": "true", **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=120,
    )


def _evaluated(script: str) -> str:
    """A script in which expressions have their values: literals, as others are not used."""
    return re.sub(r"\$\{\{ '((?:[^']|'')*)' \}\}", lambda m: m[1].replace("''", "'"), script)


def _commands(log: str) -> list[Command]:
    """The commands in a log: none between ``::stop-commands::TOKEN`` and ``::TOKEN::``."""
    found: list[Command] = []
    token = None
    for line in re.split(r"\r\n|\r|\n", log):
        match = re.match(r"\s*::([^\s:]+)(?: ([^:]*))?::(.*)", line)
        if match is None:
            continue
        name, properties, text = match.groups()
        if token is not None:
            token = None if name == token else token
        elif name == "stop-commands":
            token = text
        else:
            pairs = (pair.split("=", 1) for pair in (properties or "").split(",") if "=" in pair)
            values = {key.strip(): _unescaped(value) for key, value in pairs}
            found.append(Command(name, values, _unescaped(text)))
    return found


def _unescaped(text: str) -> str:
    for escape, character in ("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"):
        text = text.replace(escape, character)
    return text


def _outputs(text: str) -> dict[str, str]:
    """The outputs of a step: ``name=value``, or ``name<<MARK``, lines, ``MARK``."""
    outputs = {}
    lines = iter(text.splitlines())
    for line in lines:
        if match := re.fullmatch(r"([^=<]+)<<(.+)", line):
            value = []
            for inner in lines:
                if inner == match[2]:
                    break
                value.append(inner)
            outputs[match[1]] = "\n".join(value)
        elif "=" in line:
            key, _, outputs[key] = line.partition("=")
    return outputs
