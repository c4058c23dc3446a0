"""Steps shared by both patchers of Debian packages: from aims to versions to upgrades."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from packageurl import PackageURL

from careen.formats.versions import UnreadableVersionError
from careen.formats.versions.deb import DEB
from careen.model.packages.package import Ecosystem, Inventory
from careen.model.patching import Aim, Blocked, BlockReason, Upgrade
from careen.patch.closing import closed_by
from careen.patch.deb.apt.choice import Release, Rules, codename_of, pick
from careen.patch.deb.apt.output import Table
from careen.patch.deb.apt.session import AptSession
from careen.patch.deb.dpkg.groups import Change, group
from careen.patch.deb.dpkg.installed import DebPackage, Key, called
from careen.patch.port import Ground

_EMPTY = Table("", ())


def key_of(item: Aim | Upgrade, inventory: Inventory) -> Key:
    """Return name and architecture of the package of an aim or upgrade."""
    package = inventory.packages.get(item.purl)
    if package is not None:
        return (package.name, package.architecture)
    qualifiers = PackageURL.from_string(item.purl).qualifiers
    return (item.name, str(qualifiers.get("arch", "")) if isinstance(qualifiers, dict) else "")


def all_blocked(aims: Iterable[Aim], barrier: BlockReason, detail: str) -> tuple[Blocked, ...]:
    """Block every finding of the aims for one reason."""
    return tuple(aim.blocked(barrier, detail) for aim in aims)


@dataclass(frozen=True, slots=True)
class Wanted:
    """New version of each aim's package, apt's version tables, and the findings blocked so far."""

    versions: Mapping[Key, DebPackage]
    tables: Mapping[str, Table]
    blocked: tuple[Blocked, ...]


def want(
    aims: Mapping[Key, Aim],
    installed: Mapping[Key, DebPackage],
    session: AptSession,
    ground: Ground,
    native: str,
) -> Wanted:
    """Choose a version for each aim from those that the archive offers."""
    blocked: list[Blocked] = []
    asked: dict[Key, Aim] = {}
    for key, aim in aims.items():
        if key not in installed:
            blocked += all_blocked(
                [aim], BlockReason.NO_MEANS, "dpkg does not have it as installed"
            )
        elif installed[key].held:
            blocked += all_blocked(
                [aim],
                BlockReason.HELD,
                f"the image holds {key[0]} at {aim.version} (apt-mark showhold)",
            )
        else:
            asked[key] = aim
    tables = session.policy([called(key, native) for key in asked])
    found = {key: tables.get(called(key, native), _EMPTY) for key in asked}
    shown = session.show(
        [
            (called(key, native), offer.version)
            for key, table in found.items()
            for offer in table.offers
            if offer.origins
        ]
    )
    by_version: dict[str, dict[str, DebPackage]] = {}
    for (name, architecture, version), package in shown.items():
        for known in {
            called((name, architecture), native),
            name if architecture == "all" else "",
        } - {""}:
            by_version.setdefault(known, {})[version] = package
    choices = ground.choices
    rules = Rules(
        choices.reach, choices.allow_major, Release(codename_of(ground.rootfs), session.releases())
    )
    versions: dict[Key, DebPackage] = {}
    for key, aim in asked.items():
        candidates = by_version.get(called(key, native), {})
        choice, left = pick(aim, found[key], candidates, rules)
        blocked += left
        if choice.version:
            versions[key] = candidates[choice.version]
    return Wanted(versions, tables, tuple(blocked))


def by_source(versions: Mapping[Key, DebPackage]) -> dict[str, list[Key]]:
    """Return the keys grouped by source package, sorted."""
    out: dict[str, list[Key]] = {}
    for key in sorted(versions):
        out.setdefault(versions[key].source, []).append(key)
    return dict(sorted(out.items()))


@dataclass(frozen=True, slots=True)
class UpgradeLabels:
    """Values that a patcher's upgrades share; `origin` returns where a version comes from."""

    manager: str
    inventory: Inventory
    origin: Callable[[DebPackage], str]


def upgrades_of(
    changes: Sequence[Change],
    aims: Mapping[Key, Aim],
    installed: Mapping[Key, DebPackage],
    naming: UpgradeLabels,
) -> tuple[Upgrade, ...]:
    """Return the upgrades with their groups, sorted.

    `pulled_by` is empty for an upgrade that closes findings of its own.
    """
    grouped = group(changes, installed)
    purls = {change.key: _purl(change, aims, naming.inventory) for change in changes}
    closed = {change.key: closes(aims.get(change.key), change.new) for change in changes}
    out = [
        Upgrade(
            purl=purls[change.key],
            name=change.new.name,
            ecosystem=Ecosystem.DEB,
            installed=change.old.version if change.old is not None else "",
            target=change.new.version,
            manager=naming.manager,
            group=f"{naming.manager} {grouped.names[change.key]}",
            closes=closed[change.key],
            pulled_by=(
                tuple(sorted(purls[key] for key in grouped.needed_by.get(change.key, ())))
                if not closed[change.key]
                else ()
            ),
            origin=naming.origin(change.new),
            sha256=change.new.get("SHA256"),
        )
        for change in changes
    ]
    return tuple(sorted(out, key=lambda upgrade: (upgrade.group, upgrade.purl)))


def closes(aim: Aim | None, new: DebPackage) -> tuple[str, ...]:
    """Return the aim's findings that a version closes, in the aim's order."""
    closed = closed_by(aim, new.source_version, DEB) if aim is not None else frozenset()
    return tuple(finding for finding in aim.fixes if finding in closed) if aim is not None else ()


def missed(
    aims: Iterable[Aim],
    upgrades: Iterable[Upgrade],
    blocked: Iterable[Blocked],
    why: Callable[[Aim], tuple[BlockReason, str]],
) -> tuple[Blocked, ...]:
    """Return all blocked findings that no upgrade closes.

    These are the ones in `blocked`, and the rest of the aims' findings with the reason from `why`.
    """
    closed = {(upgrade.purl, finding) for upgrade in upgrades for finding in upgrade.closes}
    out: list[Blocked] = []
    told: set[tuple[str, str]] = set()
    for each in blocked:
        findings = tuple(finding for finding in each.findings if (each.purl, finding) not in closed)
        told.update((each.purl, finding) for finding in findings)
        if findings:
            out.append(
                Blocked(each.purl, each.name, each.installed, findings, each.barrier, each.detail)
            )
    for aim in aims:
        findings = tuple(
            finding
            for finding in aim.fixes
            if (aim.purl, finding) not in closed and (aim.purl, finding) not in told
        )
        if findings:
            barrier, detail = why(aim)
            out.append(aim.blocked(barrier, detail, findings))
    return tuple(sorted(out, key=lambda each: (each.purl, each.barrier.value, each.findings)))


def is_newer(new: str, old: str) -> bool:
    """Return whether a version is newer than another; false if one cannot be read."""
    try:
        return DEB.compare(new, old) > 0
    except UnreadableVersionError:
        return False


def _purl(change: Change, aims: Mapping[Key, Aim], inventory: Inventory) -> str:
    if change.key in aims:
        return aims[change.key].purl
    known = [
        package for package in inventory.packages.values() if package.ecosystem is Ecosystem.DEB
    ]
    if change.old is not None:
        for package in known:
            if (package.name, package.architecture) == change.key:
                return package.purl
    model = (
        PackageURL.from_string(known[0].purl)
        if known
        else PackageURL("deb", "debian", change.new.name)
    )
    qualifiers = {
        **(model.qualifiers if isinstance(model.qualifiers, dict) else {}),
        "arch": change.new.architecture,
    }
    return PackageURL(
        "deb", model.namespace, change.new.name, change.new.version, qualifiers
    ).to_string()
