"""The corpus: each folder is a Dockerfile, its context, what it shows, and how its image is tested."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from careen.catalog.entries import load_catalog
from careen.catalog.migrate.context import heads_of
from careen.catalog.migrate.patch import migrated
from careen.catalog.migrate.propose import Wanted, propose
from careen.catalog.migrate.stages import read_stages
from careen.model.catalog.entry import Variant
from careen.model.catalog.migration import Migration, StageMove

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Smoke:
    """How an image is tested.

    Its output must be the file `expected`. With a `port`, it is a service, and the answer to GET
    `path` must be that. With `log`, it need not end. `healthy` waits for its health check, too.
    """

    port: int = 0
    path: str = "/"
    log: bool = False
    healthy: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """One Dockerfile. `network` names the package managers whose registries its build needs."""

    folder: Path
    shape: str
    network: tuple[str, ...] = ()
    arguments: Mapping[str, str] = field(default_factory=dict)
    smoke: Smoke = Smoke()

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
        wanted = Wanted(repository, self.arguments, heads=heads_of(self.folder))
        return propose(self.text, "Dockerfile", load_catalog(), wanted)

    def swapped(self, moves: Sequence[StageMove]) -> str:
        """Return the Dockerfile with these images in its FROM lines."""
        stages = read_stages(self.text, "Dockerfile", self.arguments)
        return migrated(self.text, "Dockerfile", stages, moves, self.arguments)


def subjects(names: Sequence[str] = ()) -> tuple[Subject, ...]:
    """Return the subjects of these names, or all."""
    found = sorted(path.parent for path in HERE.glob("*/Dockerfile"))
    return tuple(_read(path) for path in found if not names or path.name in names)


def forced(moves: Sequence[StageMove], last: Variant) -> tuple[StageMove, ...]:
    """Return the moves with this variant for the stage that the last one begins with.

    They stay as they are if no entry stands in for its image.
    """
    out = list(moves)
    number = next((at for at in reversed(range(len(out))) if out[at].after), None)
    if number is not None and _is_last(out, number):
        out[number] = _as(out[number], last)
    return tuple(out)


def _is_last(moves: Sequence[StageMove], number: int) -> bool:
    """Return whether the stages after this one all begin with it."""
    return all(
        each.reason == f"begins with stage {moves[number].name}" for each in moves[number + 1 :]
    )


def _read(folder: Path) -> Subject:
    table = tomllib.loads((folder / "subject.toml").read_text(encoding="utf-8"))
    smoke = Smoke(**{key: table[key] for key in ("port", "path", "log", "healthy") if key in table})
    return Subject(
        folder, table["shape"], tuple(table.get("network", ())), table.get("arguments", {}), smoke
    )


def _as(move: StageMove, variant: Variant) -> StageMove:
    suffix = "" if variant is Variant.RUNTIME else f"-{variant.value}"
    bare = move.after.removesuffix(f"-{move.variant}")
    return replace(move, after=f"{bare}{suffix}", variant=variant.value)
