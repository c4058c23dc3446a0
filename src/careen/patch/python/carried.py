"""Vendored copies in wheels (`pip/_vendor`), and the wheels that close most of their findings."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from careen.errors import ImageError, ToolError
from careen.formats.python_metadata import read_metadata
from careen.formats.python_vendor_list import (
    MAX_LIST,
    MAX_MODULE,
    VENDOR_LISTS,
    VERSION_FILES,
    is_vendor_directory,
    module_path,
    read_vendor_list,
    version_constant,
)
from careen.formats.versions.pypi import PYPI
from careen.formats.zip_reader import ZipArchive
from careen.model.patching import GONE, Aim, Blocked, BlockReason, Upgrade
from careen.patch.closing import closed_by
from careen.patch.python.index import Index
from careen.patch.python.requirements import Installed, installed_of
from careen.patch.python.targets import Candidate, Field
from careen.patch.targets import admits

MAX_READ = 20
"""Versions whose metadata is read to find the newest for the environment's Python."""

_MAX_METADATA = 4 << 20
_MAX_COPIES = 2000


@dataclass(frozen=True, slots=True)
class Copy:
    """What a new wheel does with a vendored copy.

    `target` is the version that it carries, `gone` if none, "" if unknown.
    """

    aim: Aim
    target: str
    closes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VendoringCandidate:
    """A version to try, with the copies that it carries."""

    candidate: Candidate
    copies: tuple[Copy, ...]

    @property
    def closes(self) -> int:
        """Number of findings that it closes, including those of the copies."""
        return len(self.candidate.closes) + sum(len(each.closes) for each in self.copies)


def carriers(
    owner: Field,
    inner: Sequence[Aim],
    index: Index,
    fits: Callable[[Candidate], bool] | None = None,
) -> tuple[VendoringCandidate, ...]:
    """Return the versions worth trying: those that close the most first, the lowest of equals."""
    allowed = [each for each in owner.allowed() if fits is None or fits(each)]

    # Each wheel must be read, so only three are tried: the reach's choice for the owner's own
    # findings, the newest allowed, and the newest of the first one's line.
    own = next((rung.best for rung in owner.candidate_sets() if rung.best in allowed), None)
    tried = [own] if own is not None and _runs(own, owner, index) else []
    tried += _newest(allowed, owner, index)
    tried += (
        _newest(
            [each for each in allowed if _line(each.version) == _line(tried[0].version)],
            owner,
            index,
        )
        if tried
        else []
    )
    found = [
        carrier
        for each in dict.fromkeys(tried)
        if (carrier := _carrier(each, inner, index)) is not None
    ]
    return tuple(
        sorted(
            (each for each in found if each.closes),
            key=lambda each: (-each.closes, each.candidate.version),
        )
    )


def beyond_major(
    owner: Field,
    inner: Sequence[Aim],
    index: Index,
    fits: Callable[[Candidate], bool] | None = None,
) -> VendoringCandidate | None:
    """Return the newest version with new majors allowed; None if it is allowed without them."""
    choices = replace(owner.limits.choices, allow_major=True)
    free = replace(
        owner,
        aim=replace(owner.aim, allow_major=True),
        limits=replace(owner.limits, choices=choices),
    )
    known = {each.version for each in owner.allowed()}
    newest = _newest([each for each in free.allowed() if fits is None or fits(each)], free, index)
    if not newest or newest[0].version in known:
        return None
    return _carrier(newest[0], inner, index)


def staying(
    aim: Aim,
    findings: Sequence[str],
    words: tuple[str, str],
    owner: str,
    beyond: VendoringCandidate | None,
) -> Iterator[Blocked]:
    """Yield why findings of a copy (or of its owner) stay.

    `words` say where it is and what the chosen version has; `owner` is the name and version of what
    carries it; `beyond` is its newest version of another major version.
    """
    place, carried = words
    fixed: set[str] = set()
    if beyond is not None:
        copy = next((each for each in beyond.copies if each.aim.purl == aim.purl), None)
        fixed = set(beyond.candidate.closes if copy is None else copy.closes)
        major = tuple(finding for finding in findings if finding in fixed)
        version = beyond.candidate.version
        carries = f" carries {copy.target}" if copy is not None and copy.target != GONE else ""
        if major:
            detail = (
                f"{place}; {beyond.candidate.offer.name} {version}{carries or ' fixes it'}, another"
                f" major version than {owner}"
            )
            yield aim.blocked(BlockReason.MAJOR, detail, major)
    if left := tuple(finding for finding in findings if finding not in fixed):
        yield aim.blocked(BlockReason.FOREIGN, f"{place}; {carried}", left)


def copies_of(candidate: Candidate, inner: Sequence[Aim], index: Index) -> tuple[Copy, ...]:
    """Return what the wheel of a version does with the copies that it carries."""
    carried = read_copies(
        index.fetch(candidate.offer, candidate.offer.sha256), {aim.name for aim in inner}
    )
    return tuple(_copy(aim, carried) for aim in inner)


def carried(copy: Copy, owner: str, manager: str, group: str, after: Installed) -> Upgrade:
    """Return a copy's upgrade for a plan; `owner` is the purl of the upgrade that brings it."""
    aim = copy.aim
    origin = f"inside {after.name} {after.version}"
    return Upgrade(
        aim.purl,
        aim.name,
        aim.ecosystem,
        aim.version,
        copy.target,
        manager,
        group,
        copy.closes,
        (owner,),
        origin,
        inside=owner,
    )


def _newest(among: Sequence[Candidate], owner: Field, index: Index) -> list[Candidate]:
    """Return the newest version that runs with the environment's Python."""
    # Only the wheel states its Python reliably: directories and some indexes do not.
    few = (each for each in reversed(among[-MAX_READ:]) if _runs(each, owner, index))
    return list(islice(few, 1))


def _carrier(candidate: Candidate, inner: Sequence[Aim], index: Index) -> VendoringCandidate | None:
    """Return the carrier, or None if a copy's new version is outside the user's limit."""
    copies = copies_of(candidate, inner, index)
    if any(each.target not in ("", GONE) and not admits(each.aim, each.target) for each in copies):
        return None
    return VendoringCandidate(candidate, copies)


def _copy(aim: Aim, carried: Mapping[str, str]) -> Copy:
    version = carried.get(canonicalize_name(aim.name), GONE)
    if version == GONE:
        return Copy(aim, GONE, tuple(sorted(aim.fixes)))
    return Copy(aim, version, tuple(sorted(closed_by(aim, version, PYPI))) if version else ())


def read_copies(wheel: Path, wanted: set[str]) -> Mapping[str, str]:
    """Return the distributions vendored in a wheel: normalised name → version.

    The version is that of a dist-info, of a vendor list or, for `wanted` ones, of a module's
    constant; "" if the module has none. Raises ToolError if the wheel cannot be read.
    """
    try:
        with wheel.open("rb") as stream, ZipArchive(stream, wheel.name) as archive:
            return _Copies(archive, wanted).read()
    except ImageError as error:
        msg = f"{wheel.name}: {error}"
        raise ToolError(msg) from error


class _Copies:
    """Reader of one wheel's vendored copies."""

    def __init__(self, archive: ZipArchive, wanted: set[str]) -> None:
        self._archive = archive
        self._names = archive.names()
        self._wanted = wanted

    def read(self) -> Mapping[str, str]:
        out: dict[str, str] = {}
        modules = self._modules()
        for name in sorted(wanted for wanted in self._wanted if module_path(wanted) in modules):
            out[canonicalize_name(name)] = self._constant(modules[module_path(name)])
        for name in self._names:
            head, _, last = name.rpartition("/")
            if last in VENDOR_LISTS and is_vendor_directory(head):
                listed = read_vendor_list(self._archive.read(name, MAX_LIST))
                out.update(
                    (canonicalize_name(each), version)
                    for each, version in listed.items()
                    if module_path(each) in modules
                )
        inside = [
            name
            for name in self._names
            if name.count("/") > 1 and name.endswith(".dist-info/METADATA")
        ]
        for name in inside[:_MAX_COPIES]:
            try:
                metadata = read_metadata(self._archive.read(name, _MAX_METADATA), name)
            except ImageError:
                continue  # usually a test's file, which no installer reads
            out[canonicalize_name(metadata.name)] = metadata.version
        return out

    def _modules(self) -> Mapping[str, str]:
        """Return the paths of vendored modules by their name as `module_path` gives it."""
        out: dict[str, str] = {}
        for name in self._names:
            if not name.endswith((".py", ".so")):
                continue
            parts = name.removesuffix(".py").split("/")
            at = next(
                (
                    number
                    for number, _ in enumerate(parts)
                    if is_vendor_directory("/".join(parts[: number + 1]))
                ),
                None,
            )
            for end in range(at + 2, min(len(parts), at + 5) + 1) if at is not None else ():
                out.setdefault(
                    "/".join(parts[at + 1 : end]).lower() if at is not None else "",
                    "/".join(parts[:end]),
                )
        return out

    def _constant(self, place: str) -> str:
        files = (f"{place}.py", *(f"{place}/{name}" for name in VERSION_FILES))
        known = set(self._names)
        found = (
            version_constant(self._archive.read(each, MAX_MODULE))
            for each in files
            if each in known
        )
        return next((version for version in found if version), "")


def _runs(candidate: Candidate, owner: Field, index: Index) -> bool:
    offer = candidate.offer
    metadata = installed_of(offer.name, str(offer.version), index.metadata(offer))
    return owner.limits.takes(metadata.python)


def _line(version: Version) -> tuple[int, ...]:
    return (version.epoch, *(*version.release, 0)[:2])
