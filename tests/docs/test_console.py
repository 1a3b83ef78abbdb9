"""The runner of the documentation's examples is itself right."""

from tests.docs.console import Command, File, matches, read

PAGE = """\
# A page

```python hello.py
print("hello")
```

```console
$ pip install .
$ grader check "my file.py"   # exit status 1
one
two
$ grader list
$ dask worker --nthreads 1 &
```

```text
$ grader not-a-session
```
"""


def test_files_and_commands_are_found_in_order():
    assert read(PAGE) == [
        File("hello.py", 'print("hello")\n'),
        Command(9, ["grader", "check", "my file.py"], 1, "one\ntwo"),
        Command(12, ["grader", "list"], 0, ""),
        Command(13, ["dask", "worker", "--nthreads", "1"], 0, "", background=True),
    ]


def test_dots_stand_for_lines_and_for_text():
    assert matches("a\n...\nz", "a\nb\nc\nz")
    assert matches("a\n...\nz", "a\nz\n")
    assert matches("score ... of 10", "score 7.5 of 10")
    assert not matches("a\n...\nz", "a\nb")
    assert not matches("a\nz", "a\nb\nz")


def test_pids_and_durations_may_differ_and_nothing_else():
    assert matches("pid: 4242, forkPID: 0", "pid: 77, forkPID: 0")
    assert matches("took 0.31 s", "took 12.5 s")
    assert not matches("pid: 4242, forkPID: 0", "pid: 4242, forkPID: 1")
    assert not matches("3 points", "4 points")
