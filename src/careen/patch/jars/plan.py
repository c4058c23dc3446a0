"""Planner of jar upgrades: their versions, and what these need beside them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO

from careen.errors import ImageError
from careen.formats.versions import UnreadableVersionError
from careen.formats.versions.lines import is_major
from careen.formats.versions.maven import MAVEN
from careen.formats.zip_reader import ZipArchive
from careen.model.packages.package import Ecosystem, Package, Presence
from careen.model.patching import BlockReason
from careen.model.paths import parent
from careen.patch.forbidden import ForbiddenError
from careen.patch.jars.follow import follower
from careen.patch.jars.maven import Coordinates, Jar, Repository
from careen.patch.jars.name import contradiction, signed_by
from careen.patch.jars.place import MAX_NESTED, NotReplaceable, Place, find_place
from careen.patch.jars.pom import BadPomError, Need, needs
from careen.patch.port import Ground

MAX_PULLED = 200

_VENDOR_PARTS = 2
"""Leading parts of a group (`com.fasterxml`) that jars of one maker share."""


@dataclass(frozen=True, slots=True)
class Goal:
    """New version of one jar; `pulled_by` are the purls of those that need it."""

    place: Place
    coordinates: Coordinates
    jar: Jar = field(repr=False)
    pulled_by: tuple[str, ...] = ()


class JarPlanner:
    """Planner that collects goals by purl.

    `together` are pairs of upgrades that hold only together. `jars` caches fetched jars.
    """

    def __init__(
        self, ground: Ground, repository: Repository, jars: dict[Coordinates, Jar]
    ) -> None:
        self.goals: dict[str, Goal] = {}
        self.together: set[tuple[str, str]] = set()
        self.notes: list[str] = []
        self._ground = ground
        self._repository = repository
        self._places: dict[str, Place | NotReplaceable] = {}
        self._jars = jars
        self._maven = [
            package
            for package in ground.inventory.packages.values()
            if package.ecosystem is Ecosystem.MAVEN
        ]

    def place(self, package: Package) -> Place | NotReplaceable:
        """Return where a package is, or why it cannot be replaced."""
        if package.purl not in self._places:
            self._places[package.purl] = find_place(
                package, self._ground.rootfs, self._ground.inventory
            )
        return self._places[package.purl]

    def upgrade(self, package: Package, version: str) -> None:
        """Plan a jar's version and what has to move with it.

        Raises ForbiddenError, or ToolError if the repository fails; the plan is then unchanged.
        """
        kept = dict(self.goals), set(self.together), list(self.notes)
        try:
            self._send(package, version, ())
            self._pull(package)
        except BaseException:
            self.goals, self.together, self.notes = kept
            raise

    def _pull(self, package: Package) -> None:
        todo = [package]
        pulled = 0
        while todo:
            here = todo.pop()
            for other, version in [
                *((other, need.version) for other, need in self._missing(here)),
                *self._followers(here),
            ]:
                pulled += 1
                if pulled > MAX_PULLED:
                    raise ForbiddenError(
                        BlockReason.PINNED,
                        f"more than {MAX_PULLED} other jars would have to go along",
                    )
                self._send(other, version, (package.purl,))
                self.together.add((package.purl, other.purl))
                todo.append(other)

    def _send(self, package: Package, version: str, by: tuple[str, ...]) -> None:
        place = self.place(package)
        if isinstance(place, NotReplaceable):
            raise ForbiddenError(place.barrier, place.detail)
        if (
            by
            and not self._ground.choices.allow_major
            and is_major(Ecosystem.MAVEN, package.version, version)
        ):
            raise ForbiddenError(
                BlockReason.MAJOR,
                f"it needs {package.name} {version}, another major version than the"
                f" {package.version} that is there",
            )
        group, _, artifact = package.name.rpartition(":")
        wanted = Coordinates(group, artifact, version)
        known = self.goals.get(package.purl)
        pulled_by = (
            tuple(dict.fromkeys((*(known.pulled_by if known else ()), *by)))
            if known is None or known.pulled_by
            else ()
        )
        self.goals[package.purl] = Goal(place, wanted, self._jar(wanted, place, by), pulled_by)

    def _jar(self, wanted: Coordinates, place: Place, by: tuple[str, ...]) -> Jar:
        """Fetch a jar; check it against its own statements and the jar that it replaces."""
        if wanted not in self._jars:
            if by and wanted.version not in self._repository.versions(
                wanted.group, wanted.artifact
            ):
                raise ForbiddenError(
                    BlockReason.PINNED,
                    f"it needs {wanted.name} {wanted.version}, which {self._repository.shown} does"
                    " not have",
                )
            self._jars[wanted] = self._repository.jar(wanted)
        jar = self._jars[wanted]
        try:
            with ZipArchive(BytesIO(jar.content), f"{wanted.name}:{wanted.version}") as archive:
                wrong, signed = contradiction(archive, wanted), signed_by(archive)
        except ImageError as error:
            wrong, signed = str(error), ""
        if wrong:
            raise ForbiddenError(
                BlockReason.UNAVAILABLE,
                f"{jar.origin} is not {wanted.name} {wanted.version}: {wrong}",
            )
        if not signed and self._is_signed(place):
            raise ForbiddenError(
                BlockReason.VARIANT, f"{place.shown} is signed by its maker, {jar.origin} is not"
            )
        return jar

    def _is_signed(self, place: Place) -> bool:
        try:
            with (
                self._ground.rootfs.open(place.path) as stream,
                ZipArchive(stream, place.path) as archive,
            ):
                return bool(_signature(archive, place.inside))
        except ImageError:
            return False

    def _missing(self, package: Package) -> list[tuple[Package, Need]]:
        """Return the jars beside a package that are older than what its goal needs."""
        goal = self.goals[package.purl]
        try:
            stated = needs(goal.coordinates, self._repository.pom)
            before = needs(
                Coordinates(goal.coordinates.group, goal.coordinates.artifact, package.version),
                self._repository.pom,
            )
        except BadPomError as error:
            raise ForbiddenError(BlockReason.UNAVAILABLE, str(error)) from error
        if stated is None:
            self.notes.append(
                f"{self._repository.shown} has no pom of {goal.coordinates.name}"
                f" {goal.coordinates.version}: what it needs is not known"
            )
            return []
        beside = self._beside(package)
        out = []
        for said in stated:
            other = beside.get(said.name)
            if other is None:
                if before is not None and said.name not in {each.name for each in before}:
                    raise ForbiddenError(
                        BlockReason.PINNED,
                        f"{_shown(goal.coordinates)} needs {said.name} {said.version}, which is not"
                        " there",
                    )
                continue
            here = self.goals.get(other.purl)
            current = here.coordinates.version if here is not None else other.version
            need = self._with_shared_version(said, package, other)
            if not need.version or not _older(current, need.version):
                if (
                    here is not None
                    and here.coordinates.version != other.version
                    and _older(other.version, need.version or other.version)
                ):
                    self.together.add((package.purl, other.purl))
                continue
            out.append((other, need))
        return out

    def _with_shared_version(self, need: Need, package: Package, other: Package) -> Need:
        """Return a need; without a version, take the goal's if both jars are released together."""
        # The version is missing if only a parent states it that the repository does not have.
        goal = self.goals[package.purl].coordinates
        group, _, artifact = other.name.rpartition(":")
        together = (
            other.version == package.version
            and goal.group.split(".")[:_VENDOR_PARTS] == group.split(".")[:_VENDOR_PARTS]
        )
        if (
            need.version
            or not together
            or goal.version not in self._repository.versions(group, artifact)
        ):
            return need
        return replace(need, version=goal.version)

    def _followers(self, package: Package) -> list[tuple[Package, str]]:
        """Return the jars beside a package made for an older major version, and their new ones."""
        version = self.goals[package.purl].coordinates.version
        if not is_major(Ecosystem.MAVEN, package.version, version):
            return []
        allow_major = self._ground.choices.allow_major
        out = []
        for other in self._beside(package).values():
            here = self.goals.get(other.purl)
            group, _, artifact = other.name.rpartition(":")
            user = (
                here.coordinates
                if here is not None
                else Coordinates(group, artifact, other.version)
            )
            if found := follower(
                self._repository, user, package.name, version, allow_major=allow_major
            ):
                out.append((other, found))
        return out

    def _beside(self, package: Package) -> Mapping[str, Package]:
        """Return the packages on the same class path: in the same archive or directory."""
        if package.presence is Presence.EMBEDDED:
            found = [
                each
                for each in self._maven
                if each.record == package.record and each.presence is Presence.EMBEDDED
            ]
        else:
            found = [
                each
                for each in self._maven
                if each.presence is Presence.INSTALLED
                and parent(each.record) == parent(package.record)
            ]
        return {each.name: each for each in found if each.purl != package.purl}


def _signature(archive: ZipArchive, inside: tuple[str, ...]) -> str:
    if not inside:
        return signed_by(archive)
    with archive.open_nested(inside[0], MAX_NESTED) as nested:
        return _signature(nested, inside[1:])


def _older(version: str, than: str) -> bool:
    try:
        return MAVEN.compare(version, than) < 0
    except UnreadableVersionError:
        return True


def _shown(coordinates: Coordinates) -> str:
    return f"{coordinates.name} {coordinates.version}"
