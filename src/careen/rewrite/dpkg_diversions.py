"""dpkg's diversions: three lines each — the path, where it is put instead, and the package that
asked for it (`:` = the administrator).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from careen.model.paths import ImagePath
from careen.oci.rootfs import Rootfs
from careen.rewrite.fate import Fate, Fates
from careen.rewrite.lines import decode, encode, split_lines

DIVERSIONS = ImagePath("/var/lib/dpkg/diversions")
DIVERSIONS_OLD = ImagePath("/var/lib/dpkg/diversions-old")
MAX_DIVERSIONS = 8 * 1024 * 1024
_LINES_EACH = 3


@dataclass(frozen=True, slots=True)
class Diversion:
    """Every package but `package` (its name, `:` for a local diversion) finds its `path` under the
    name `to`.
    """

    path: str
    to: str
    package: str


def _read(text: str) -> Iterator[tuple[Diversion, str]]:
    lines = split_lines(text)
    for start in range(0, len(lines) - _LINES_EACH + 1, _LINES_EACH):
        path, to, package = (line.removesuffix("\n") for line in lines[start : start + _LINES_EACH])
        yield (
            Diversion(path, to, package.partition(":")[0] or ":"),
            "".join(lines[start : start + _LINES_EACH]),
        )


def read_diversions(rootfs: Rootfs) -> Mapping[str, Diversion]:
    """Return the diversions by the path that is diverted; empty without a database."""
    entry = rootfs.get(DIVERSIONS)
    if entry is None or not entry.is_file:
        return {}
    return {
        diversion.path: diversion
        for diversion, _ in _read(decode(rootfs.read(DIVERSIONS, MAX_DIVERSIONS)))
    }


def name_on_disk(text: str, package: str, diversions: Mapping[str, Diversion]) -> str:
    """Return the name under which dpkg puts the path `text` of `package` (`NAME[:ARCH]`): the
    diverted one, if another package diverts it.
    """
    diversion = diversions.get(text)
    return (
        diversion.to
        if diversion is not None and diversion.package != package.partition(":")[0]
        else text
    )


def edit_diversions(data: bytes, fates: Fates, removed: frozenset[str]) -> bytes:
    """Drop a diversion when nothing lies under its diverted name and its package was removed whole
    (`removed`: names) or one of its two paths was.
    """
    kept: list[str] = []
    for diversion, raw in _read(decode(data)):
        gone = diversion.package in removed or Fate.REMOVED in (
            fates.of(diversion.path),
            fates.of(diversion.to),
        )
        if not gone or fates.of(diversion.to) is Fate.KEPT:
            kept.append(raw)
    return encode("".join(kept))
