"""Setting up a checkout where careen's own programs cannot be compiled."""

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from careen.tools.process import Finished, run

ROOT = Path(__file__).resolve().parents[2]
PYTHON = """#!/bin/bash
case "$*" in
  *"programs.py sensor") [ -e has-bpftool ] || { echo "the sensor needs bpftool: install it" >&2; exit 1; } ;;
  *--editable*) echo "installed ${CAREEN_WITHOUT_PROGRAMS:-whole}" >>asked ;;
esac
"""
BUILD = """
class BuildError(Exception): pass
PROGRAMS = {"sensor": None}
def build(program, machine): raise BuildError("the sensor needs bpftool: install it")
"""


def checkout(tmp_path: Path) -> Path:
    """A checkout whose Python notes what it is asked to install and has no bpftool."""
    for name in ("scripts", ".venv/bin", "requirements", "src/careen/sensor", "src/careen/engines"):
        (tmp_path / name).mkdir(parents=True)
    for name in ("requirements/dev.txt", "pyproject.toml", "hatch_build.py", "scripts/programs.py"):
        (tmp_path / name).write_text("")
    for name, text in (
        ("scripts/setup.sh", (ROOT / "scripts/setup.sh").read_text()),
        (".venv/bin/python", PYTHON),
    ):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return tmp_path


def set_up(place: Path, *words: str) -> Finished:
    return run(["/bin/bash", str(place / "scripts/setup.sh"), *words], timeout=60)


def installed(place: Path) -> list[str]:
    asked = place / "asked"
    return asked.read_text().splitlines() if asked.exists() else []


def test_a_light_setup_goes_on_without_a_compiler_and_says_so_in_one_line(tmp_path: Path) -> None:
    place = checkout(tmp_path)
    done = set_up(place, "light")
    assert done.status == 0
    assert done.stderr.decode() == (
        "setup: the sensor needs bpftool: install it; going on without it, as the quick unit tests"
        " do not need it\n"
    )
    assert set_up(place, "light").status == 0
    assert installed(place) == ["installed 1"]


def test_a_full_setup_needs_the_compiler_after_a_light_one_too(tmp_path: Path) -> None:
    place = checkout(tmp_path)
    for _ in range(2):
        done = set_up(place)
        assert (done.status, done.stderr.decode()) == (
            1,
            "setup: the sensor needs bpftool: install it\n",
        )
        set_up(place, "light")
    (place / "has-bpftool").touch()
    for words in ((), (), ("light",)):
        assert set_up(place, *words).status == 0
    assert installed(place) == ["installed 1", "installed whole"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sensor", "building the sensor needs clang: install it (Debian: apt-get install clang)"),
        (
            "hold",
            "building the sandbox's first program needs gcc: install it (Debian: apt-get install gcc libc6-dev)",
        ),
    ],
)
def test_a_missing_compiler_is_named_with_its_package_and_leaves_no_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    script = runpy.run_path(str(ROOT / "scripts/programs.py"))
    program = replace(script["PROGRAMS"][name], into=tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(script["BuildError"]) as caught:
        script["build"](program)
    assert str(caught.value) == said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("version", "asked", "refused"),
    [("editable", "1", False), ("editable", "", True), ("standard", "1", True)],
)
def test_no_wheel_is_built_without_the_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, asked: str, *, refused: bool
) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts/programs.py").write_text(BUILD)
    monkeypatch.setenv("CAREEN_WITHOUT_PROGRAMS", asked)
    hook = runpy.run_path(str(ROOT / "hatch_build.py"))["ProgramsBuildHook"]
    data: dict[str, Any] = {"force_include": {}}
    made = hook(str(tmp_path), {}, None, None, str(tmp_path), "wheel")
    if refused:
        with pytest.raises(SystemExit, match="the sensor needs bpftool"):
            made.initialize(version, data)
    else:
        made.initialize(version, data)
    assert data == {"force_include": {}}
