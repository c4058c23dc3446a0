"""What the wheels of a step require on the root's Python, and whether they have all of it."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from email.parser import BytesParser
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from careen.catalog.credentials import without_any
from careen.catalog.wheels.damaged import DAMAGED
from careen.catalog.wheels.target import Target
from careen.errors import ToolError
from careen.model.catalog.lock import LockedWheel

MAX_METADATA = 16 << 20
_METADATA = re.compile(r"[^/]+\.dist-info/METADATA")
_SHOWN = 300


def required(
    folder: Path, wheels: Sequence[LockedWheel], asked: Sequence[str], target: Target
) -> Iterator[tuple[str, Requirement]]:
    """Yield what is asked for, and what the wheels that meet it require on the root's Python.

    Each comes with the name of who requires it. Raises ToolError for a wheel that cannot be read,
    or that requires more than a name and versions.
    """
    known = {each.name: each for each in wheels}
    needs: dict[str, tuple[Requirement, ...]] = {}
    todo = [("the entry", Requirement(each)) for each in asked]
    seen: set[tuple[str, str]] = set()
    while todo:
        by, wanted = todo.pop()
        yield by, wanted
        name = canonicalize_name(wanted.name)
        if name not in known:
            continue
        if name not in needs:
            needs[name] = _required(folder / known[name].file)
        for extra in ("", *sorted(wanted.extras)):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            environment = {**target.markers(), "extra": extra}
            more = [x for x in needs[name] if x.marker is None or x.marker.evaluate(environment)]
            for each in more:
                _require_plain(name, each)
            todo += [(name, each) for each in more]


def require_complete(
    folder: Path, wheels: Sequence[LockedWheel], asked: Sequence[str], target: Target
) -> None:
    """Raise ToolError for a requirement that no wheel meets."""
    versions = {each.name: each.version for each in wheels}
    for by, wanted in required(folder, wheels, asked, target):
        name = canonicalize_name(wanted.name)
        version = versions.get(name)
        if version is None or not wanted.specifier.contains(version, prereleases=True):
            found = f"{name} {version} was fetched" if version else "no wheel of it was fetched"
            msg = (
                f"pip: {by} requires {str(wanted)[:120]!r} on Python {target.version}, and {found};"
                " name versions that go together in `pip`"
            )
            raise ToolError(msg)


def _require_plain(name: str, wanted: Requirement) -> None:
    """Raise ToolError for a requirement that pip could take for more than a name and versions."""
    # a URL may be of a source, which pip would build; after === stands any text
    if wanted.url is not None or any(each.operator == "===" for each in wanted.specifier):
        msg = (
            f"pip: {name} requires {without_any(str(wanted))[:120]!r}: a URL or a text in place of"
            " a version is not followed; name another version of it in `pip`"
        )
        raise ToolError(msg)


def _required(path: Path) -> tuple[Requirement, ...]:
    try:
        return tuple(Requirement(each) for each in _metadata(path))
    except InvalidRequirement as error:
        msg = f"pip: {path.name[:80]}: a requirement in its METADATA is damaged: {error}"
        raise ToolError(msg[:_SHOWN]) from error


def _metadata(path: Path) -> Sequence[str]:
    try:
        with zipfile.ZipFile(path) as wheel:
            # deeper ones are of copies that the wheel carries, as setuptools does
            named = [x for x in wheel.infolist() if _METADATA.fullmatch(x.filename)]
            if len(named) != 1 or named[0].file_size > MAX_METADATA:
                msg = f"pip: {path.name[:80]}: expected one METADATA of at most 16 MiB"
                raise ToolError(msg)
            found = BytesParser().parsebytes(wheel.read(named[0]))
    except (OSError, *DAMAGED) as error:
        msg = f"pip: {path.name[:80]}: cannot be read: {error}"
        raise ToolError(msg[:_SHOWN]) from error
    return [str(each) for each in found.get_all("Requires-Dist", [])]
