"""The corpus: each folder is a Dockerfile, its context, and the output of its image."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from careen.catalog.entries import load_catalog
from careen.catalog.migrate.patch import migrated
from careen.catalog.migrate.propose import Wanted, propose
from careen.catalog.migrate.stages import read_stages
from careen.model.catalog.entry import Variant
from careen.model.catalog.migration import Migration, StageMove
from careen.tools.process import run

HERE = Path(__file__).parent
BUILD_SECONDS = 900.0
RUN_SECONDS = 120.0
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Subject:
    """One Dockerfile of the corpus."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def text(self) -> str:
        return (self.folder / "Dockerfile").read_text(encoding="utf-8")

    @property
    def expected(self) -> str:
        return (self.folder / "expected").read_text(encoding="utf-8").strip()

    def proposal(self, repository: str) -> Migration:
        """What `careen base migrate` proposes."""
        return propose(self.text, "Dockerfile", load_catalog(), Wanted(repository))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a subject came out on one variant of its last stage; `said` is "" if it passed."""

    name: str
    variant: str
    said: str


def subjects(names: Sequence[str] = ()) -> tuple[Subject, ...]:
    """Return the subjects of these names, or all."""
    found = sorted(path.parent for path in HERE.glob("*/Dockerfile"))
    return tuple(Subject(path) for path in found if not names or path.name in names)


def tried(subject: Subject, repository: str, last: Variant | None) -> Outcome:
    """Build and run a subject without a network; `last` replaces the variant of the last stage."""
    moves = list(subject.proposal(repository).stages)
    if last is not None:
        moves[-1] = _as(moves[-1], last)
    stages = read_stages(subject.text, "Dockerfile", {})
    text = migrated(subject.text, "Dockerfile", stages, moves, {})
    tag = f"careen-base-corpus/{subject.name}:{moves[-1].variant}"
    with tempfile.TemporaryFile() as stream:
        stream.write(text.encode())
        stream.seek(0)
        argv = ["docker", "build", "--network", "none", "-q", "-t", tag, "-f", "-"]
        built = run([*argv, str(subject.folder)], timeout=BUILD_SECONDS, stdin=stream)
    try:
        if built.status != 0:
            lines = built.stderr.decode("utf-8", "replace").strip().splitlines()
            said = next((x for x in reversed(lines) if "ERROR" in x or "exec" in x), lines[-1])
            return Outcome(subject.name, moves[-1].variant, f"build: {said[-_SHOWN:]}")
        done = run(["docker", "run", "--rm", "--network", "none", tag], timeout=RUN_SECONDS)
        output = done.text.strip()
        if done.status == 0 and output == subject.expected:
            return Outcome(subject.name, moves[-1].variant, "")
        said = f"run: status {done.status}, {(output or done.complaint)[-_SHOWN:]!r}"
        return Outcome(subject.name, moves[-1].variant, said)
    finally:
        run(["docker", "image", "rm", "--force", tag], timeout=RUN_SECONDS)


def _as(move: StageMove, variant: Variant) -> StageMove:
    suffix = "" if variant is Variant.RUNTIME else f"-{variant.value}"
    bare = move.after.removesuffix(f"-{move.variant}")
    return replace(move, after=f"{bare}{suffix}", variant=variant.value)
