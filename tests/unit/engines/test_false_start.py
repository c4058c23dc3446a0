"""A start that failed before the container's program was executed is tried again, on both engines.
Docker and the runtime here are stand-ins.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from careen.engines import false_start
from careen.engines.client.client import DOCKER
from careen.engines.client.container import ClientContainer
from careen.engines.embedded.container import Parts, RuncContainer
from careen.engines.false_start import TRIES, was_never_executed
from careen.errors import ToolError
from careen.tools.workspace import Workspace

EARLY = (
    "runc run failed: unable to start container process: waiting for init preliminary setup: read"
    " init-p: connection reset by peer"
)
MISSING = (
    'runc run failed: unable to start container process: exec: "/none": stat /none: no such file or'
    " directory"
)
OF_DOCKER = (
    "Error response from daemon: failed to create task for container: failed to create shim task:"
    " OCI runtime create failed: {}: unknown"
)
PROGRAM = """#!/bin/sh
echo "$*" >>"{folder}/calls"
{body}
"""
STAND_IN = """test "$(grep -c ^start "{folder}/calls")" -gt {failures} && exit 0
test "$1" = start || exit 0
echo '{complaint}' >&2
exit 1"""
RUNTIME = """while test "$1" != run && test "$1" != delete; do test "$1" = --log && log="$2"; shift; done
test "$1" = run || exit 0
while test "$1" != --pid-file; do shift; done
if test "$(grep -c ' run ' "{folder}/calls")" -le {failures}; then
  echo '{complaint}' >&2
  printf '%s' '{record}' >"$log"
  exit 1
fi
echo served
echo $$ >"$2"
"""


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(false_start, "PAUSE", 0.0)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    (tmp_path / "run").mkdir()
    made = Workspace(tmp_path / "run", os.open(tmp_path, os.O_RDONLY))
    yield made
    made.close(dict.fromkeys(("runc-container",), lambda _: None))


def program(folder: Path, name: str, body: str) -> Callable[[str], int]:
    """Write a stand-in and return a function that counts its calls with a word."""
    (folder / name).write_text(PROGRAM.format(folder=folder, body=body))
    (folder / name).chmod(0o755)
    calls = folder / "calls"
    calls.touch()
    return lambda word: sum(word in line.split() for line in calls.read_text().splitlines())


def embedded(folder: Path, workspace: Workspace) -> RuncContainer:
    base = folder / "base"
    base.mkdir()
    return RuncContainer(
        Parts(base, folder / "state", str(folder / "runc"), "SIGTERM", "0" * 64), workspace
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (EARLY, True),
        ("waiting for init preliminary setup: EOF", True),
        (
            (
                "unable to start container process: can't copy bootstrap data to pipe: write"
                " init-p: broken pipe"
            ),
            True,
        ),
        (
            (
                "unable to create safe /proc/self/exe clone for runc init: fcntl(F_ADD_SEALS):"
                " device or resource busy"
            ),
            True,
        ),
        ("Failed to re-execute libcrun via memory file descriptor", True),
        (MISSING, False),
        ("container init was OOM-killed (memory limit too low?)", False),
        ("error during container init: error mounting", False),
    ],
)
def test_what_is_a_false_start(words: str, *, expected: bool) -> None:
    assert was_never_executed(OF_DOCKER.format(words)) is expected


@pytest.mark.parametrize("verb", ["start", "restart"])
def test_docker_is_asked_again(
    tmp_path: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    count = program(
        tmp_path,
        "docker",
        STAND_IN.format(folder=tmp_path, failures=TRIES - 1, complaint=OF_DOCKER.format(EARLY)),
    )
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    container = ClientContainer(DOCKER, "0" * 64, "it", workspace)
    monkeypatch.setattr(container, "memory_peak", lambda: None)
    if verb == "start":
        container.start()
    else:
        container.restart(0)
    assert count("start") == TRIES


@pytest.mark.parametrize(("complaint", "starts"), [(EARLY, TRIES), (MISSING, 1)])
def test_docker_has_the_last_word(
    tmp_path: Path,
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    complaint: str,
    starts: int,
) -> None:
    count = program(
        tmp_path,
        "docker",
        STAND_IN.format(folder=tmp_path, failures=99, complaint=OF_DOCKER.format(complaint)),
    )
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(ToolError) as raised:
        ClientContainer(DOCKER, "0" * 64, "it", workspace).start()
    assert complaint in str(raised.value)
    assert count("start") == starts


def runtime(folder: Path, complaint: str, failures: int) -> Callable[[str], int]:
    record = f'{{"level": "error", "msg": "{complaint}"}}'.replace('"/none"', "/none")
    return program(
        folder,
        "runc",
        RUNTIME.format(folder=folder, failures=failures, complaint=complaint, record=record),
    )


def test_the_runtime_is_asked_again_and_its_words_are_not_the_containers(
    tmp_path: Path, workspace: Workspace
) -> None:
    count = runtime(tmp_path, EARLY, 2)
    container = embedded(tmp_path, workspace)
    earlier = container._output.begin()
    os.write(earlier, b"before the restart\n")
    os.close(earlier)
    container.start()
    assert container.wait(10) == 0
    assert container.logs() == "before the restart\nserved\n"
    assert (count("run"), count("delete")) == (3, 2)


@pytest.mark.parametrize(("complaint", "runs"), [(EARLY, TRIES), (MISSING, 1)])
def test_the_runtime_has_the_last_word(
    tmp_path: Path, workspace: Workspace, complaint: str, runs: int
) -> None:
    count = runtime(tmp_path, complaint, 99)
    with pytest.raises(ToolError, match="starting the container: runc run failed"):
        embedded(tmp_path, workspace).start()
    assert count("run") == runs


def test_a_parent_group_that_another_run_removed_is_made_again() -> None:
    complaint = (
        "runc run failed: unable to start container process: unable to apply cgroup configuration:"
        " mkdir {}: no such file or directory"
    )
    assert was_never_executed(complaint.format("/sys/fs/cgroup/cpuacct/careen/3a13"))
    assert not was_never_executed(MISSING)
