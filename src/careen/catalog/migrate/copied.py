"""The file of a build context, or the text in a Dockerfile, that a stage has at a path."""

import fnmatch
import posixpath
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from careen.catalog.migrate.stages import Instruction, Stage

Heads = Callable[[str], bytes | None]
"""The first bytes of a file of the build context, None for what is no file there."""
_PLACES = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]
_MOST = 2000  # looks for one program: stages that copy from each other multiply


@dataclass(slots=True)
class Files:
    """What the stages of one Dockerfile copy; `heads` reads the build context."""

    stages: Sequence[Stage]
    heads: Heads
    _left: int = _MOST

    def head(self, stage: Stage, word: str) -> bytes | None:
        """Return the first bytes of the program that a stage starts by a word.

        None if no step copies it: it may be the base's, or made by a step.
        """
        self._left = _MOST
        folder = _folders(stage)[-1]
        places = [folder] if "/" in word else _PLACES
        found = (self._at(stage, posixpath.normpath(posixpath.join(x, word))) for x in places)
        return next((each for each in found if each is not None), None)

    def _at(self, stage: Stage, path: str) -> bytes | None:
        copies = [
            (step, folder)
            for step, folder in zip(stage.steps, _folders(stage), strict=False)
            if step.word in ("COPY", "ADD") and step.values
        ]
        for step, folder in reversed(copies):  # the last one counts
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


def _folders(stage: Stage) -> list[str]:
    """Return the working directory before each step of a stage, and that at its end."""
    out = ["/"]
    if stage.below is not None:
        out = [_folders(stage.below)[-1]]
    for step in stage.steps:
        moved = step.word == "WORKDIR" and step.values
        out.append(posixpath.join(out[-1], step.values[0]) if moved else out[-1])
    return out


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
