"""The bases that the corpus needs in docker's store."""

import sys
from collections.abc import Iterator, Sequence

from careen.model.catalog.migration import StageMove
from careen.tools.process import check, run

_BUILD_SECONDS = 3600.0
_LOOK_SECONDS = 60.0


def build_missing(tries: Sequence[Sequence[StageMove]]) -> None:
    """Build the bases of these tries that docker's store lacks. Raises ToolError."""
    for name, move in dict(_named(tries)).items():
        if run(["docker", "image", "inspect", name], timeout=_LOOK_SECONDS).status != 0:
            words = ["base", "build", move.entry, "--variant", move.variant, "-t", name]
            argv = [sys.executable, "-m", "careen", *words, "--quiet"]
            check(argv, timeout=_BUILD_SECONDS, doing=f"building {name}")


def _named(tries: Sequence[Sequence[StageMove]]) -> Iterator[tuple[str, StageMove]]:
    for moves in tries:
        yield from ((move.after, move) for move in moves if move.after)
