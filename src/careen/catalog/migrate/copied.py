"""The file of a build context, or the text in a Dockerfile, that a stage has at a path."""

import fnmatch
import posixpath
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from careen.catalog.migrate.stages import Instruction, Stage

Heads = Callable[[str], bytes | None]
"""The first bytes of a file of the build context, None for what is no file there."""
_PLACES = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
_MOST = 2000  # looks for one program: stages that copy from each other multiply
_PATH_MAX = 4096


@dataclass(frozen=True, slots=True)
class _Copies:
    """The steps of a stage that copy, with their working directories; `last` is that at its end."""

    steps: tuple[tuple[Instruction, str], ...]
    last: str


@dataclass(slots=True)
class Files:
    """What the stages of one Dockerfile copy; `heads` reads the build context."""

    stages: Sequence[Stage]
    heads: Heads
    _left: int = _MOST
    _copies: dict[int, _Copies] = field(default_factory=dict)
    _heads: dict[tuple[int, str], bytes | None] = field(default_factory=dict)

    def head(self, stage: Stage, word: str) -> bytes | None:
        """Return the first bytes of the program that a stage starts by a word.

        None if no step copies it: it may be the base's, or made by a step.
        """
        key = (stage.number, word)
        if key not in self._heads:  # a Dockerfile may start the same program in thousands of lines
            self._left = _MOST
            places = [self._copies_of(stage).last] if "/" in word else _PLACES
            found = (self._at(stage, posixpath.normpath(posixpath.join(x, word))) for x in places)
            self._heads[key] = next((each for each in found if each is not None), None)
        return self._heads[key]

    def _copies_of(self, stage: Stage) -> _Copies:
        if (known := self._copies.get(stage.number)) is not None:
            return known
        folder = "/" if stage.below is None else self._copies_of(stage.below).last
        steps: list[tuple[Instruction, str]] = []
        for step in stage.steps:
            if step.word == "WORKDIR" and step.values:
                moved = posixpath.normpath(posixpath.join(folder, step.values[0]))
                folder = moved if len(moved) <= _PATH_MAX else folder
            elif step.word in ("COPY", "ADD") and step.values:
                steps.append((step, folder))
        self._copies[stage.number] = _Copies(tuple(steps), folder)
        return self._copies[stage.number]

    def _at(self, stage: Stage, path: str) -> bytes | None:
        for step, folder in reversed(self._copies_of(stage).steps):  # the last one counts
            for source in _sources(step, folder, path):
                self._left -= 1
                if self._left < 0:
                    return None
                found = self._of(stage, step, source)
                if found is not None:
                    return found
        return None if stage.below is None else self._at(stage.below, path)

    def _of(self, stage: Stage, step: Instruction, source: str) -> bytes | None:
        if source.startswith("<<"):
            texts = dict(zip(_heredocs(step), step.heredocs, strict=False))
            return texts[source].encode("utf-8", "replace") if source in texts else None
        origin = next((x.partition("=")[2] for x in step.flags if x.startswith("--from=")), "")
        if not origin:
            return self.heads(posixpath.normpath(source.lstrip("/")))
        name, earlier = origin.lower(), self.stages[: stage.number]
        other = next((x for x in earlier if name in (x.alias, str(x.number))), None)
        return (
            None if other is None else self._at(other, posixpath.normpath(f"/{source.lstrip('/')}"))
        )


def _heredocs(step: Instruction) -> list[str]:
    return [value for value in step.values[:-1] if value.startswith("<<")]


def _sources(step: Instruction, folder: str, path: str) -> Iterator[str]:
    """Yield what a COPY may have put at a path: a file, one of a directory, or one of its name."""
    *sources, last = step.values
    target = posixpath.normpath(posixpath.join(folder, last))
    for source in sources:
        if path == target and not last.endswith("/"):
            yield source
        below = path.removeprefix("/" if target == "/" else f"{target}/")
        if below == path:
            continue
        if source.startswith("<<"):
            if below == source.lstrip("<-").strip("\"'"):
                yield source
            continue
        yield posixpath.join(source, below)
        if "/" not in below and fnmatch.fnmatchcase(below, posixpath.basename(source)):
            yield posixpath.join(posixpath.dirname(source), below)
