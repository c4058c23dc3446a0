"""Programs of a build and of a pass end with careen, even if it is killed."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from careen.catalog import isolation
from careen.catalog.alpine.family import ALPINE
from careen.catalog.debian import offers as apt
from careen.catalog.debian.family import DEBIAN
from careen.catalog.port import Family, PackageSources
from careen.catalog.rpm.family import REDHAT
from careen.catalog.wheels import fetch as wheels
from careen.catalog.wheels.target import Target
from careen.errors import ToolError
from careen.tools.process import Finished, Program

PARENT = """
import sys
from careen.catalog.isolation import tied
from careen.tools.process import run
script = 'exec 3> "$0"; echo started >&3; sleep 5 3>&-; echo survived >&3'
run([*tied(), "sh", "-c", script, sys.argv[1]], timeout=60)
"""


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The words of each program, none of which runs."""
    out: list[list[str]] = []

    def run(argv: list[str], **_: object) -> Finished:
        out.append(argv)
        return Finished(1, b"", b"")

    for module in (isolation, apt, wheels):
        monkeypatch.setattr(module, "run", run)
    monkeypatch.setattr(Program, "path", lambda self: self.names[0])
    return out


def require_tied(runs: list[list[str]]) -> None:
    assert runs
    assert all(words[:3] == ["setpriv", "--pdeathsig", "KILL"] for words in runs)


@pytest.mark.parametrize("family", [DEBIAN, ALPINE, REDHAT], ids=lambda each: each.title)
def test_what_asks_for_offers_is_tied(
    tmp_path: Path, runs: list[list[str]], family: Family
) -> None:
    found = family.offers(tmp_path, PackageSources(("deb https://m.test x y",), ()), "9", "amd64")
    with contextlib.suppress(ToolError):
        found.update()
    require_tied(runs)


def test_pip_and_tar_are_tied(tmp_path: Path, runs: list[list[str]]) -> None:
    with pytest.raises(ToolError):
        wheels.fetch(["one"], (), Target(13, 41, "x86_64"), tmp_path)
    with pytest.raises(ToolError):
        isolation.save(tmp_path, tmp_path / "0.tar", ())
    require_tied(runs)
    assert len(runs) == 2


def test_a_tied_program_ends_with_a_killed_parent(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with (
        subprocess.Popen([sys.executable, "-c", PARENT, str(pipe)]) as parent,
        pipe.open() as held,
    ):
        assert held.readline() == "started\n"
        parent.kill()
        assert held.read() == ""  # the program, which held the other end, has ended
