"""Writer of archives with replaced jars, at any depth of nesting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from careen.errors import ImageError
from careen.formats.zip_reader import ZipArchive
from careen.patch.jars.name import contradiction, properties_version
from careen.patch.jars.place import MAX_NESTED
from careen.patch.jars.plan import Goal
from careen.patch.jars.zip import Exchanged, exchange

_INDEX = ".idx"
_MAX_INDEX = 4 << 20


@dataclass(frozen=True, slots=True)
class JarReplacement:
    """A jar's new content and its file name without directory."""

    name: str
    content: bytes


def fresh(goal: Goal, old_version: str) -> JarReplacement:
    """Return a jar's replacement; its name changes only if nothing else states its version."""
    old = (goal.place.inside[-1] if goal.place.inside else goal.place.path).rpartition("/")[2]
    with ZipArchive(BytesIO(goal.jar.content), goal.jar.origin) as archive:
        stated = properties_version(archive, goal.coordinates.group, goal.coordinates.artifact)
    # Class paths may state the name. But if only the name states the version, a scanner would read
    # the old one.
    name = old if stated else old.replace(f"-{old_version}", f"-{goal.coordinates.version}", 1)
    return JarReplacement(name, goal.jar.content)


def rewritten(data: bytes, changes: Mapping[tuple[str, ...], JarReplacement], where: str) -> bytes:
    """Return an archive with jars replaced, by the entries that lead to each. Raises ImageError."""
    if () in changes:
        return changes[()].content
    with ZipArchive(BytesIO(data), where) as archive:
        direct: dict[str, Exchanged] = {}
        renamed: list[tuple[str, str]] = []
        for first in sorted({way[0] for way in changes}):
            inner = {way[1:]: change for way, change in changes.items() if way[0] == first}
            directory, slash, old = first.rpartition("/")
            if () in inner:
                name = f"{directory}{slash}{inner[()].name}"
                if name != first and name in archive:
                    msg = f"{where}: {name[:200]!r} is there already"
                    raise ImageError(msg)
                direct[first] = Exchanged(name, inner[()].content)
                renamed.extend([(old, inner[()].name)] if name != first else [])
            else:
                direct[first] = Exchanged(
                    first,
                    rewritten(archive.read(first, MAX_NESTED), inner, f"{where}!{first[:200]}"),
                )
        # Spring Boot's indexes name jars: they follow a new name.
        direct.update(_indexes(archive, renamed))
    return exchange(data, direct, where)


def check_written(data: bytes, way: tuple[str, ...], goal: Goal, where: str) -> None:
    """Check that a written archive contains the goal's jar. Raises ImageError."""
    with ZipArchive(BytesIO(data), where) as archive:
        _check(archive, way, goal, where)


def _check(archive: ZipArchive, way: tuple[str, ...], goal: Goal, where: str) -> None:
    if way:
        with archive.open_nested(way[0], MAX_NESTED) as nested:
            _check(nested, way[1:], goal, f"{where}!{way[0][:200]}")
    elif wrong := contradiction(archive, goal.coordinates):
        msg = (
            f"{where}: written, it is not {goal.coordinates.name} {goal.coordinates.version}:"
            f" {wrong}"
        )
        raise ImageError(msg)


def _indexes(archive: ZipArchive, renamed: Sequence[tuple[str, str]]) -> Mapping[str, Exchanged]:
    out: dict[str, Exchanged] = {}
    for name in archive.names() if renamed else ():
        if name.endswith(_INDEX):
            before = text = archive.read(name, _MAX_INDEX)
            for old, new in renamed:
                text = text.replace(f'/{old}"'.encode(), f'/{new}"'.encode())
            if text != before:
                out[name] = Exchanged(name, text)
    return out
