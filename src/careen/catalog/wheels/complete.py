"""Whether the wheels of a step have all that they require on the root's Python."""

import zipfile
from collections.abc import Sequence
from email.parser import BytesParser
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from careen.catalog.wheels.target import Target
from careen.errors import ToolError
from careen.model.catalog.lock import LockedWheel

MAX_METADATA = 16 << 20
_SHOWN = 300


def require_complete(
    folder: Path, wheels: Sequence[LockedWheel], asked: Sequence[str], target: Target
) -> None:
    """Raise ToolError for a requirement that no wheel meets.

    pip reads markers for the Python that runs it, which may be another one than the root's.
    """
    versions = {each.name: each.version for each in wheels}
    required = {each.name: _required(folder / each.file) for each in wheels}
    todo = [("the entry", Requirement(each)) for each in asked]
    seen: set[tuple[str, str]] = set()
    while todo:
        by, wanted = todo.pop()
        name = canonicalize_name(wanted.name)
        version = versions.get(name)
        if version is None or not wanted.specifier.contains(version, prereleases=True):
            found = f"{name} {version} was fetched" if version else "no wheel of it was fetched"
            msg = (
                f"pip: {by} requires {str(wanted)[:120]!r} on Python {target.version}, and {found};"
                " run careen with the same version of Python as the base, or name it in `pip`"
            )
            raise ToolError(msg)
        for extra in ("", *sorted(wanted.extras)):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            environment = {**target.markers(), "extra": extra}
            todo += [
                (name, each)
                for each in required[name]
                if each.marker is None or each.marker.evaluate(environment)
            ]


def _required(path: Path) -> tuple[Requirement, ...]:
    try:
        return tuple(Requirement(each) for each in _metadata(path))
    except InvalidRequirement as error:
        msg = f"pip: {path.name[:80]}: a requirement in its METADATA is damaged: {error}"
        raise ToolError(msg[:_SHOWN]) from error


def _metadata(path: Path) -> Sequence[str]:
    try:
        with zipfile.ZipFile(path) as wheel:
            named = [x for x in wheel.infolist() if x.filename.endswith(".dist-info/METADATA")]
            if len(named) != 1 or named[0].file_size > MAX_METADATA:
                msg = f"pip: {path.name[:80]}: expected one METADATA of at most 16 MiB"
                raise ToolError(msg)
            found = BytesParser().parsebytes(wheel.read(named[0]))
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        msg = f"pip: {path.name[:80]}: cannot be read: {error}"
        raise ToolError(msg) from error
    return [str(each) for each in found.get_all("Requires-Dist", [])]
