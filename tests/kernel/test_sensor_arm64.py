"""The sensor's helper for arm64: it compiles here, and its records are those of this machine's."""

import runpy
import subprocess
from pathlib import Path

import pytest

from careen.sensor.helper import helper_path
from tests.support.emulator import qemu

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "scripts/programs.py"))

pytestmark = [pytest.mark.clang, pytest.mark.qemu]


def test_the_helper_for_arm64_writes_the_same_records(tmp_path: Path) -> None:
    made = tmp_path / "careen-sensor"
    program = SCRIPT["PROGRAMS"]["sensor"]
    program.compile(program.sources, made, "aarch64")
    emulator = qemu()
    assert emulator is not None
    layouts = [
        subprocess.check_output([*words, "--layout"])
        for words in ((emulator, str(made)), (str(helper_path()),))
    ]
    assert layouts[0] == layouts[1]
    assert len(layouts[0].splitlines()) > 20
