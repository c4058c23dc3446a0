"""`scripts/start-docker.sh` starts a daemon only when none answers, and stops only what it started.
The daemon here is a stand-in.
"""

import os
import shutil
from pathlib import Path

import pytest

from careen.tools.process import Finished, run

pytestmark = [pytest.mark.slow, pytest.mark.root]

SCRIPT = Path(__file__).resolve().parent.parent.parent / "scripts" / "start-docker.sh"
DAEMON = """#!/bin/sh
echo started >>"$STATE/starts"
if [ -e "$STATE/broken" ]; then echo "no space left"; exit 1; fi
touch "$STATE/answers"
trap 'rm -f "$STATE/answers"; exit 0' TERM
while :; do sleep 0.1; done
"""
CLIENT = '#!/bin/sh\ntest -e "$STATE/answers"\n'


class Machine:
    """A checkout with only this script, and a docker that is two small programs."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.checkout = folder / "checkout"
        (self.checkout / "scripts").mkdir(parents=True)
        self.state.mkdir()
        shutil.copy(SCRIPT, self.checkout / "scripts")
        self.programs = folder / "programs"
        self.programs.mkdir()
        for name, text in (("dockerd", DAEMON), ("docker", CLIENT)):
            (self.programs / name).write_text(text)
            (self.programs / name).chmod(0o755)

    def script(self, verb: str) -> Finished:
        env = dict(os.environ) | {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "STATE": str(self.state),
        }
        return run(
            ["bash", str(self.checkout / "scripts" / SCRIPT.name), verb], timeout=90, env=env
        )

    @property
    def starts(self) -> int:
        file = self.state / "starts"
        return len(file.read_text().splitlines()) if file.exists() else 0


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_it_starts_one_daemon_and_stops_it(machine: Machine) -> None:
    assert machine.script("start").status == 0
    assert machine.script("start").status == 0
    assert machine.starts == 1
    assert (machine.state / "answers").exists()
    assert machine.script("stop").status == 0
    assert not (machine.state / "answers").exists()
    assert machine.script("stop").status == 0


def test_a_daemon_that_was_there_is_left_alone(machine: Machine) -> None:
    (machine.state / "answers").touch()
    assert machine.script("start").status == 0
    assert machine.script("stop").status == 0
    assert machine.starts == 0
    assert (machine.state / "answers").exists()


def test_a_pid_that_is_another_program_now_is_not_ended(machine: Machine) -> None:
    (machine.checkout / "build").mkdir()
    (machine.checkout / "build" / "dockerd.pid").write_text(f"{os.getpid()}\n")
    assert machine.script("stop").status == 0
    assert not (machine.checkout / "build" / "dockerd.pid").exists()


def test_a_daemon_that_does_not_come_up_is_an_error_with_its_last_words(machine: Machine) -> None:
    (machine.state / "broken").touch()
    done = machine.script("start")
    assert done.status == 1
    assert b"no space left" in done.stderr
    assert b"does not come up" in done.stderr
