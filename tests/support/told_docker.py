"""A program such as `docker` that answers as a test tells it: for errors and records of real daemons."""

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Said:
    """What docker prints, and its status; `then` is a shell command before it ends."""

    out: str = ""
    err: str = ""
    status: int = 0
    then: str = ""


@dataclass
class ToldDocker:
    """The program's folder. `answers` are by the first words of a call, the first that fits.

    `name` is the program's, if it is another one than docker.
    """

    folder: Path
    name: str = "docker"
    answers: dict[str, Said] = field(default_factory=dict)

    def tell(self, answers: Mapping[str, Said]) -> None:
        """Replace the answers."""
        self.answers = dict(answers)
        cases = "".join(
            f"{shlex.quote(words)}*) {said.then or ':'}; printf %s {shlex.quote(said.out)};"
            f" printf %s {shlex.quote(said.err)} >&2; exit {said.status};;\n"
            for words, said in self.answers.items()
        )
        program = self.folder / self.name
        program.write_text(
            f'#!/bin/sh\necho "$*" >> {shlex.quote(str(self.folder / "calls"))}\n'
            f'case "$*" in\n{cases}esac\necho "not told: {self.name} $*" >&2\nexit 99\n'
        )
        program.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        """The words of each call so far."""
        file = self.folder / "calls"
        return file.read_text().splitlines() if file.exists() else []


@contextmanager
def told_docker(
    folder: Path, answers: Mapping[str, Said], name: str = "docker"
) -> Iterator[ToldDocker]:
    """Put the program in front of the PATH."""
    folder.mkdir(exist_ok=True)
    docker = ToldDocker(folder, name)
    docker.tell(answers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{folder}:/usr/bin:/bin")
        yield docker
