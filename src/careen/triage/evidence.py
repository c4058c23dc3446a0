"""Evidence of an RBOM about one image's paths, indexed once for all findings."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from careen.model.entry import EntryKind
from careen.model.findings.triage import Tier
from careen.model.packages.purls import read_purl
from careen.model.paths import ImagePath
from careen.model.rbom import FileUse, ImageRef, RuntimeBom, UsedFile
from careen.model.runs.trace import Phase, SensorKind, Use
from careen.triage.interpreters import Interpreters
from careen.triage.listening import Listeners

_REQUIRED_USES = (Use.EXECUTED, Use.MAPPED, Use.OPENED, Use.LOOKED_UP)
"""Uses that a sensor must be able to see; else "not seen" does not mean "not used"."""

_NAME_ONLY_USES = frozenset({Use.LOOKED_UP, Use.WRITTEN})
"""Uses of the name, not of the content.

Listing a directory or following a link does not count as a use of a file in it.
"""


class Content(Protocol):
    """Files of the scanned image, for another image's RBOM and for hard links."""

    def sha256(self, path: ImagePath) -> str:
        """Return the hex digest of a regular file, or "" if it is missing."""

    def layer(self, path: ImagePath) -> str:
        """Return the diff ID of the layer that holds a path, or "" if unknown."""

    def hard_links(self) -> Iterable[tuple[ImagePath, ...]]:
        """Return the groups of paths that are hard links of one file."""


@dataclass(frozen=True, slots=True)
class ObservedUse:
    """One use of one file, and the tier that it proves.

    `verb` is the use in words (`mapped`, `imported`).
    """

    path: ImagePath
    tier: Tier
    verb: str
    use: FileUse


class UsageIndex:
    """The RBOM by path of the scanned image. Without an RBOM nothing is known of any path."""

    def __init__(
        self, bom: RuntimeBom | None, image: ImageRef | None = None, content: Content | None = None
    ) -> None:
        self.bom = bom
        self.exact = bom is not None and image is not None and same_image(bom.image, image)
        self.listeners = Listeners(() if bom is None else bom.endpoints)
        self._content = content
        self._sightings: dict[ImagePath, tuple[ObservedUse, ...]] = {}
        self._expected: dict[ImagePath, str] = {}
        self._by_package: dict[object, list[ImagePath]] = {}
        if bom is not None:
            self._index(bom)

    def _index(self, bom: RuntimeBom) -> None:
        interpreters = Interpreters(bom.files)
        emulated = frozenset(run.workload for run in bom.runs if run.sensor.emulated)
        for file in bom.files:
            if file.kind == EntryKind.DIRECTORY.value:
                continue
            found = tuple(_sightings(file, interpreters, emulated))
            if not found:
                continue
            if not self.exact and self._content is not None and file.sha256:
                self._expected[file.path] = file.sha256
            self._sightings[file.path] = found
            for purl in file.packages:
                self._by_package.setdefault(package_key(purl), []).append(file.path)
        for group in self._content.hard_links() if self._content is not None else ():
            # They are one file, so a use of one name counts for all.
            seen = tuple(sighting for path in group for sighting in self.at(path))
            if seen:
                self._sightings.update(dict.fromkeys(group, seen))

    def at(self, path: ImagePath) -> tuple[ObservedUse, ...]:
        """Return every use of a file, strongest first.

        For another image's RBOM only files with the same content here count, if this image's
        content is available.
        """
        # Content is read on demand: most files belong to packages without findings.
        found = self._sightings.get(path, ())
        expected = self._expected.pop(path, "") if found else ""
        if expected and self._content is not None and self._content.sha256(path) != expected:
            self._sightings[path] = found = ()
        return found

    def of_package(self, purl: str) -> tuple[ImagePath, ...]:
        """Return the used paths that the RBOM attributes to a package, ignoring qualifiers."""
        return tuple(self._by_package.get(package_key(purl), ()))

    @property
    def unseen(self) -> str:
        """Why "nothing seen" does not prove "not used", or ""."""
        bom = self.bom
        if bom is None:
            return "no RBOM was given, so it is unknown whether it is used"
        if not bom.runs:
            return "the RBOM holds no run"
        if not bom.completeness.complete:
            return f"{bom.completeness.sentence()}, so it may have been used unobserved"
        if not bom.saw_start:
            return (
                "no run observed a container of this image from its start (attached or carried"
                " over), so it may have been used unobserved"
            )
        blind = [use.value for use in _REQUIRED_USES if use not in bom.evidence]
        if blind:
            kinds = ", ".join(sorted({run.sensor.kind.value for run in bom.runs}))
            return (
                f"the sensor ({kinds}) cannot see what is {' or '.join(blind)}, so it may have"
                " been used unobserved"
            )
        return ""

    def unseen_of(self, files: Iterable[ImagePath]) -> str:
        """Return why "nothing seen" does not prove these files unused, or "".

        For another image's RBOM it does only if each file is in a layer that both images have.
        """
        reason = self.unseen
        if reason or self.exact or self.bom is None:
            return reason
        layers = frozenset(self.bom.image.diff_ids)
        if self._content is not None and all(self._content.layer(path) in layers for path in files):
            return ""
        return (
            "the RBOM is of another image: that it shows no use of these files proves nothing"
            " about this image"
        )

    @cached_property
    def sees_sockets(self) -> bool:
        """Whether the RBOM shows every bound socket of this very image."""
        # A lost event may have been a bind, a socket bound before attaching is unseen, and another
        # image may listen elsewhere.
        bom = self.bom
        return (
            bom is not None
            and self.exact
            and bom.saw_start
            and bom.completeness.complete
            and all(run.sensor.kind is SensorKind.EBPF for run in bom.runs)
        )

    @property
    def several(self) -> bool:
        """Whether the RBOM covers more than one workload."""
        return self.bom is not None and len({run.workload for run in self.bom.runs}) > 1

    def sees(self, use: Use) -> bool:
        """Return whether every run's sensor could see a use."""
        return self.bom is not None and use in self.bom.evidence


def same_image(one: ImageRef, other: ImageRef) -> bool:
    """Return whether two references name the same content.

    That is: the same config digest, the same manifest digest, or the same layers in the same order.
    """
    if one.config_digest and one.config_digest == other.config_digest:
        return True
    if one.manifest_digest and one.manifest_digest == other.manifest_digest:
        return True
    return bool(one.diff_ids) and one.diff_ids == other.diff_ids


def package_key(purl: str) -> object:
    """Return a key of a package that is equal whichever tool wrote the purl.

    It covers type, namespace, name, and version with epoch, but no other qualifiers.
    """
    read = read_purl(purl)
    return purl if read is None else (*read.identity, read.version)


def _sightings(
    file: UsedFile, interpreters: Interpreters, emulated: Container[str]
) -> Iterator[ObservedUse]:
    """Yield what each use is evidence of; `emulated` are the origins of runs under an emulator."""
    for use in file.uses:
        if use.use is Use.EXECUTED:
            yield ObservedUse(file.path, Tier.EXECUTED, "executed", use)
        elif use.use is Use.MAPPED and use.origin in emulated:
            # The emulator read it, which is no proof that anything of it ran.
            yield ObservedUse(file.path, Tier.LOADED, "loaded (emulated)", use)
        elif use.use is Use.MAPPED:
            yield ObservedUse(file.path, Tier.EXECUTED, "mapped", use)
        elif use.use is Use.OPENED:
            yield ObservedUse(file.path, *_opened(file.path, use, interpreters), use)
        elif use.use in _NAME_ONLY_USES:
            yield ObservedUse(file.path, Tier.LOOKED_UP, use.use.value, use)


def _opened(path: ImagePath, use: FileUse, interpreters: Interpreters) -> tuple[Tier, str]:
    for language in interpreters.of(use.executable):
        if path.endswith(language.runs):
            return Tier.EXECUTED, language.verb
        if path.endswith(language.archives):
            return Tier.LOADED, "opened"
    return Tier.OPENED, "opened"


def phases_of(use: FileUse) -> tuple[str, ...]:
    """Return the phases of a use in their order."""
    return tuple(phase.value for phase in Phase if phase in use.phases)


def is_health_check(use: FileUse) -> bool:
    """Return whether only the image's HEALTHCHECK used the file in this way."""
    return use.phases == {Phase.HEALTH}
