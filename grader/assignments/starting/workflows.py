"""What runs in CI: a GitHub workflow, a GitLab pipeline.

GitHub: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax.
GitLab: https://docs.gitlab.com/ci/yaml/.
"""

from __future__ import annotations

import json
import re

import msgspec

JUNIT, CODE_QUALITY = "junit.xml", "gl-code-quality-report.json"
"""The reports that the GitLab job leaves."""

_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9 ._/=@+-]|:(?=\S))*(?<! )")
"""Text that YAML reads as it is, without quotes."""

_MINUTES = 10
"""A job ends after so long. A check takes seconds; its limits end a program that hangs."""


_PUSHES = """\
name: grader

on:
  push:
  pull_request:
  workflow_dispatch:

permissions:
  contents: read

jobs:
  check:
    # A pull request from a branch of this repository has been checked when it was pushed.
    if: >-
      github.event_name != 'pull_request' ||
      github.event.pull_request.head.repo.full_name != github.repository
"""

_CLASSROOM = """\
name: Autograding Tests

on:
  push:
  workflow_dispatch:
  repository_dispatch:  # Classroom asks for all tests once more

permissions:
  checks: write  # for the report of the points
  actions: read
  contents: read

jobs:
  run-autograding-tests:
    if: github.actor != 'github-classroom[bot]'
"""
"""As Classroom writes it. Its reporter looks for a job of this name, and puts the points there
(https://github.com/education/autograding-grading-reporter, ``notify-classroom.js``)."""

_REPORT = """\
      - name: Autograding Reporter
        if: ${{ !cancelled() }}
        uses: classroom-resources/autograding-grading-reporter@v1
        env:
          GRADER_RESULTS: ${{ steps.grader.outputs.result }}
        with:
          runners: grader
"""
"""Reads what the step ``grader`` left in its output ``result``, and fails where that failed."""


class Workflow(msgspec.Struct, frozen=True, kw_only=True):
    """What is done on each push, wherever that is."""

    install: str
    """The shell command that installs grader."""
    python: str
    """The version of Python that runs it: ``3.13``."""
    classroom: bool = False
    """Whether GitHub Classroom is told the points."""


def github(workflow: Workflow, check: str) -> str:
    """Return a workflow of GitHub's: installs grader and checks, on each push.

    ``check`` is the command that checks the submission.
    """
    return f"""\
# Checks each push, and says on the lines concerned what is wrong. Written by 'grader init'.
{_CLASSROOM if workflow.classroom else _PUSHES}\
    runs-on: ubuntu-24.04
    timeout-minutes: {_MINUTES}
    steps:
      - uses: actions/checkout@v5
        with:
          persist-credentials: false  # what is checked has no business with them
      - uses: actions/setup-python@v6
        with:
          python-version: {json.dumps(workflow.python)}
      - name: Install grader
        run: {_github_text(workflow.install)}
      - name: Check
        id: grader
        run: {_github_text(f"{check} --format github")}
{_REPORT if workflow.classroom else ""}"""


def gitlab(workflow: Workflow, check: str) -> str:
    """Return ``.gitlab-ci.yml``: installs grader, checks, and keeps the reports that GitLab
    shows in a pipeline (tests) and in a merge request (code quality).

    ``check`` is the command that checks the submission.
    """
    command = f"{check} --student --save junit={JUNIT} --save codequality={CODE_QUALITY}"
    return f"""\
# Checks each push; the pipeline's tab "Tests" shows the checks. Written by 'grader init'.
grader:
  image: {_text(f"python:{workflow.python}")}
  timeout: {_MINUTES} minutes
  variables:
    PIP_ROOT_USER_ACTION: ignore
  script:
    - {_text(workflow.install)}
    - {_text(command)}
  artifacts:
    when: always
    reports:
      junit: {JUNIT}
      codequality: {CODE_QUALITY}
"""


def _github_text(text: str) -> str:
    """Text as YAML in which GitHub finds no expression: it would put its value in."""
    return _text(text.replace("${{", "${{ '${{' }}"))


def _text(text: str) -> str:
    """Text as YAML: as it is, or in double quotes, in which YAML reads what JSON writes."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text)
