"""Reader and edits of dpkg's diversions.

Three lines each: the path, its diverted name, and the package (`:` for the administrator).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs
from careen.rewrite.fate import Fate, Fates
from careen.rewrite.lines import decode, encode, split_lines

DIVERSIONS = ImagePath("/var/lib/dpkg/diversions")
DIVERSIONS_OLD = ImagePath("/var/lib/dpkg/diversions-old")
MAX_DIVERSIONS = 8 * 1024 * 1024
_LINES_EACH = 3


@dataclass(frozen=True, slots=True)
class Diversion:
    """Diversion of `path` to `to` for all packages except `package` (`:` for a local diversion)."""

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
    """Return the diversions by diverted path; empty without a database."""
    entry = rootfs.get(DIVERSIONS)
    if entry is None or not entry.is_file:
        return {}
    return {
        diversion.path: diversion
        for diversion, _ in _read(decode(rootfs.read(DIVERSIONS, MAX_DIVERSIONS)))
    }


def name_on_disk(text: str, package: str, diversions: Mapping[str, Diversion]) -> str:
    """Return the name of a path of `package` (`NAME[:ARCH]`) on disk, after diversions."""
    diversion = diversions.get(text)
    return (
        diversion.to
        if diversion is not None and diversion.package != package.partition(":")[0]
        else text
    )


def edit_diversions(data: bytes, fates: Fates, removed: frozenset[str]) -> bytes:
    """Drop the diversions of removed packages (`removed`: names) and of removed paths.

    One with a file at its diverted name is kept.
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
