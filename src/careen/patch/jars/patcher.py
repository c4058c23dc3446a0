"""Patcher of jars, nested ones included, from a Maven repository that the user names.

It needs no Java and runs nothing. Dependencies are not resolved as a build does it: jars beside an
upgraded one move as far as its pom requires newer ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from careen.errors import ImageError, ToolError
from careen.formats.versions.maven import MAVEN
from careen.model.entry import Entry, EntryKind
from careen.model.packages.package import Ecosystem, Package
from careen.model.patching import Aim, Blocked, BlockReason, Upgrade
from careen.model.paths import ImagePath, join, parent
from careen.patch.closing import closed_by
from careen.patch.forbidden import ForbiddenError
from careen.patch.grouping import grouped
from careen.patch.jars.maven import Coordinates, Jar, Repository
from careen.patch.jars.place import NotReplaceable
from careen.patch.jars.plan import Goal, JarPlanner
from careen.patch.jars.write import JarReplacement, check_written, fresh, rewritten
from careen.patch.jars.zip import MAX_ARCHIVE
from careen.patch.port import Applied, Ground, Patcher, Placed, Proposal
from careen.patch.sandbox import Sandbox
from careen.patch.targets import choose

_MAX_TRIES = 6
_SHOWN = 6


def find(ground: Ground) -> Sequence[Patcher]:
    """Return the patcher of an image's jars, if it has any; run nothing."""
    has = any(
        package.ecosystem is Ecosystem.MAVEN for package in ground.inventory.packages.values()
    )
    return (Jars(ground),) if has else ()


class Jars:
    """Patcher of all Maven artifacts of an image."""

    name = "jars"

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._repository = Repository(ground.choices)
        self._jars: dict[Coordinates, Jar] = {}  # a plan is made once, and tried several times

    def claims(self, aim: Aim) -> bool:
        """Return whether the package is a Maven artifact."""
        return aim.ecosystem is Ecosystem.MAVEN and aim.purl in self._ground.inventory.packages

    # The signature is Patcher's; nothing is run.
    def propose(self, aims: Sequence[Aim], sandbox: Sandbox) -> Proposal:  # noqa: ARG002
        """Ask the repository; raise ToolError if it does not answer or a checksum differs."""
        repository = self._repository
        planner, refused = JarPlanner(self._ground, repository, self._jars), repository.no_means
        blocked: list[Blocked] = []
        tried: list[tuple[Aim, Blocked | None, tuple[Blocked, ...]]] = []
        for aim in sorted(aims, key=lambda each: each.purl):
            place = planner.place(self._ground.inventory.packages[aim.purl])
            if isinstance(place, NotReplaceable):
                blocked.append(aim.blocked(place.barrier, place.detail))
            elif refused:
                blocked.append(aim.blocked(BlockReason.NO_MEANS, refused))
            else:
                tried.append((aim, *self._tried(aim, planner)))
        upgrades = {purl: self._upgrade(purl, goal) for purl, goal in planner.goals.items()}
        for aim, why, left in tried:
            blocked.extend(self._settled(aim, why, left, upgrades))
        notes = dict.fromkeys(planner.notes)
        if tried and not any(self._offered(aim) for aim, _, _ in tried):
            notes[f"{repository.shown} has none of the requested artifacts: check --maven"] = None
        return Proposal(
            grouped(upgrades, planner.together, self.name), tuple(blocked), tuple(notes)
        )

    # The signature is Patcher's; nothing is run.
    def apply(self, upgrades: Sequence[Upgrade], sandbox: Sandbox) -> Applied:  # noqa: ARG002
        """Rewrite the archives. Raises ToolError."""
        planner = JarPlanner(self._ground, self._repository, self._jars)
        packages = self._ground.inventory.packages
        done: dict[ImagePath, dict[tuple[str, ...], tuple[Package, Goal, JarReplacement]]] = {}
        try:
            for upgrade in sorted(upgrades, key=lambda each: (bool(each.pulled_by), each.purl)):
                planner.upgrade(packages[upgrade.purl], upgrade.target)
            wanted = {upgrade.purl: upgrade.target for upgrade in upgrades}
            found = {purl: goal.coordinates.version for purl, goal in planner.goals.items()}
            if wanted != found:
                msg = (
                    "jars: the repository offers something else than it did for"
                    f" {min(set(wanted.items()) ^ set(found.items()))[0]}; plan again"
                )
                raise ToolError(msg)
            for purl, goal in planner.goals.items():
                change = packages[purl], goal, fresh(goal, packages[purl].version)
                done.setdefault(goal.place.path, {})[goal.place.inside] = change
            placed = [
                item
                for path, changes in sorted(done.items())
                for item in self._placed(path, changes)
            ]
        except (ForbiddenError, ImageError) as error:
            msg = f"jars: {error}; nothing was changed"
            raise ToolError(msg) from error
        goals = planner.goals.values()
        notes = _shortened(
            [
                note
                for changes in done.values()
                for package, goal, new in changes.values()
                if (note := _note(package, goal, new))
            ]
        )
        unchecked = [goal for goal in goals if not goal.jar.checked]
        if unchecked:
            notes.append(
                f"{len(unchecked)} jars have no checksum file, {unchecked[0].jar.origin} among"
                " them: used unverified"
            )
        versions = {
            f"{self.name}:{goal.coordinates.name}": goal.coordinates.version for goal in goals
        }  # read back by `_placed`
        return Applied(tuple(placed), (), tuple(notes), versions)

    def _offered(self, aim: Aim) -> tuple[str, ...]:
        group, _, artifact = self._ground.inventory.packages[aim.purl].name.rpartition(":")
        return self._repository.versions(group, artifact)

    def _tried(self, aim: Aim, planner: JarPlanner) -> tuple[Blocked | None, tuple[Blocked, ...]]:
        """Plan the best possible version of the aim's jar.

        Returns what forbade the first version tried, and what no version closes.
        """
        package, choices = self._ground.inventory.packages[aim.purl], self._ground.choices
        offered = list(self._offered(aim))
        if not offered:
            return (
                aim.blocked(
                    BlockReason.UNAVAILABLE, f"{self._repository.shown} has no {package.name}"
                ),
                (),
            )
        known = planner.goals.get(aim.purl)
        if known is not None:  # another upgrade has moved it already: never to an older version
            offered = [
                version
                for version in offered
                if MAVEN.compare(version, known.coordinates.version) >= 0
            ]
        why: Blocked | None = None
        left: tuple[Blocked, ...] | None = None
        for _ in range(_MAX_TRIES):
            choice = choose(aim, offered, choices.reach, allow_major=choices.allow_major)
            left = choice.blocked(aim) if left is None else left
            if not choice.version:
                break
            try:
                planner.upgrade(package, choice.version)
            except ForbiddenError as error:
                why = why or aim.blocked(error.barrier, error.detail)
                offered = [version for version in offered if version != choice.version]
                continue
            break
        return why, left or ()

    def _settled(
        self, aim: Aim, why: Blocked | None, left: tuple[Blocked, ...], upgrades: dict[str, Upgrade]
    ) -> list[Blocked]:
        """Record what an aim's upgrade closes; return what stays, each with the reason."""
        upgrade = upgrades.get(aim.purl)
        closed = closed_by(aim, upgrade.target, MAVEN) if upgrade is not None else frozenset()
        if upgrade is not None:
            upgrades[aim.purl] = replace(
                upgrade, closes=tuple(finding for finding in aim.fixes if finding in closed)
            )
        out: list[Blocked] = []
        answered = set(closed)
        for each in (*left, *([why] if why is not None else [])):
            open_ = tuple(finding for finding in each.findings if finding not in answered)
            answered.update(open_)
            if open_:
                out.append(aim.blocked(each.barrier, each.detail, open_))
        if rest := tuple(finding for finding in aim.fixes if finding not in answered):
            out.append(
                aim.blocked(
                    BlockReason.UNAVAILABLE, "no version that can be used here closes it", rest
                )
            )
        return out

    def _upgrade(self, purl: str, goal: Goal) -> Upgrade:
        package = self._ground.inventory.packages[purl]
        version, origin = goal.coordinates.version, goal.jar.origin
        group = goal.pulled_by[0] if goal.pulled_by else purl
        return Upgrade(
            purl,
            package.name,
            Ecosystem.MAVEN,
            package.version,
            version,
            self.name,
            group,
            (),
            goal.pulled_by,
            origin,
            goal.jar.sha256,
        )

    def _placed(
        self,
        path: ImagePath,
        changes: Mapping[tuple[str, ...], tuple[Package, Goal, JarReplacement]],
    ) -> Sequence[Placed]:
        entry = self._ground.rootfs[path]
        content = rewritten(
            self._ground.rootfs.read(path, MAX_ARCHIVE),
            {way: change for way, (_, _, change) in changes.items()},
            path,
        )
        for way, (_, goal, new) in changes.items():
            check_written(
                content,
                (*way[:-1], f"{way[-1].rpartition('/')[0]}/{new.name}".lstrip("/")) if way else (),
                goal,
                path,
            )
        own = changes.get(())
        where = join(parent(path), own[2].name) if own is not None else path
        file = Entry(
            where,
            EntryKind.FILE,
            entry.mode,
            entry.uid,
            entry.gid,
            len(content),
            entry.mtime,
            -1,
            0,
            xattrs=entry.xattrs,
        )
        if where == path:
            return (Placed(file, content),)
        if where in self._ground.rootfs:
            msg = f"{where} is there already"
            raise ImageError(msg)
        link = Entry(
            path,
            EntryKind.SYMLINK,
            0o777,
            entry.uid,
            entry.gid,
            0,
            entry.mtime,
            -1,
            0,
            own[2].name if own else "",
        )
        return (Placed(file, content), Placed(link, b""))


def _shortened(notes: list[str]) -> list[str]:
    return (
        notes
        if len(notes) <= _SHOWN
        else [*notes[:_SHOWN], f"same for {len(notes) - _SHOWN} more jars"]
    )


def _note(package: Package, goal: Goal, new: JarReplacement) -> str:
    """Return a note if the file name states the old version, or if it changed."""
    old = (goal.place.inside[-1] if goal.place.inside else goal.place.path).rpartition("/")[2]
    if new.name == old:
        named = package.version in old
        return (
            f"{goal.place.shown} keeps its name, which class paths may state; it is"
            f" {goal.coordinates.name} {goal.coordinates.version}"
            if named
            else ""
        )
    link = "" if goal.place.inside else "; a link has the old name"
    return f"{goal.place.shown} is now {new.name}: nothing but its name says its version{link}"
