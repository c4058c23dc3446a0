"""Choice of a Debian package's new version, and what blocks the others: pins, releases, FIPS."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from careen.formats.versions import UnreadableVersionError
from careen.formats.versions.deb import DEB
from careen.model.patching import Aim, Blocked, BlockReason, Reach
from careen.oci.tree.rootfs import Rootfs
from careen.patch.deb.apt.output import Offer, Table
from careen.patch.deb.dpkg.installed import DebPackage
from careen.patch.fips import loses_fips
from careen.patch.targets import Choice, choose

LOWEST_PRIORITY = 100
"""apt installs a version of lower priority only where nothing is installed (apt_preferences(5))."""

_DISTRIBUTIONS = ("Debian", "Ubuntu")
_LIMIT = 64 << 10


@dataclass(frozen=True, slots=True)
class Release:
    """Release of the image. An empty `codename` accepts any release."""

    codename: str
    indexes: Mapping[str, tuple[str, str]]

    def foreign_codename(self, offer: Offer) -> str:
        """Return the codename of the other release that alone has a version, "" if it may be used.

        Archives other than Debian's and Ubuntu's are always accepted.
        """
        if not self.codename or not offer.origins:
            return ""
        others: list[str] = []
        for index in offer.origins:
            origin, codename = self.indexes.get(index, ("", ""))
            if (
                origin not in _DISTRIBUTIONS
                or not codename
                or codename.partition("-")[0] == self.codename
            ):
                return ""
            others.append(codename)
        return others[0]


def codename_of(rootfs: Rootfs) -> str:
    """Return the release's codename by os-release.

    "" for testing and unstable, and where os-release names none.
    """
    version = _read(rootfs, "/etc/debian_version")
    if "/sid" in version:
        return ""
    for line in (
        _read(rootfs, "/etc/os-release") or _read(rootfs, "/usr/lib/os-release")
    ).splitlines():
        if line.startswith("VERSION_CODENAME="):
            return line.partition("=")[2].strip().strip("\"'")
    return ""


def _read(rootfs: Rootfs, path: str) -> str:
    entry = rootfs.find(path)
    return (
        rootfs.read(entry.path, _LIMIT).decode("utf-8", "replace")
        if entry is not None and entry.is_file and entry.size <= _LIMIT
        else ""
    )


@dataclass(frozen=True, slots=True)
class Rules:
    """Settings that apply to all packages of a run."""

    reach: Reach
    allow_major: bool
    release: Release


def pick(
    aim: Aim, table: Table, shown: Mapping[str, DebPackage], rules: Rules
) -> tuple[Choice, tuple[Blocked, ...]]:
    """Return the version to upgrade to, and the findings that are blocked and why.

    `shown` maps each version on offer to its control fields.
    """
    newer = [
        offer
        for offer in table.offers
        if offer.origins and offer.version in shown and _above(offer.version, aim.version)
    ]
    stages: Sequence[tuple[Callable[[Offer], bool], BlockReason, Callable[[Offer], str]]] = (
        (
            lambda offer: not rules.release.foreign_codename(offer),
            BlockReason.UNAVAILABLE,
            lambda offer: (
                f"{offer.version} is of {rules.release.foreign_codename(offer)}, another release"
                f" than the image's {rules.release.codename}"
            ),
        ),
        (
            lambda offer: not loses_fips(aim.version, offer.version),
            BlockReason.FIPS,
            lambda offer: (
                f"{offer.version} is on offer, which is no FIPS build as {aim.version} is"
            ),
        ),
        (
            lambda offer: (
                offer.priority >= LOWEST_PRIORITY
                and bool(table.candidate)
                and not _above(offer.version, table.candidate)
            ),
            BlockReason.PINNED,
            lambda offer: (
                f"the image's preferences of apt keep {aim.name} at"
                f" {table.candidate or 'no version'}: {offer.version} has priority {offer.priority}"
            ),
        ),
    )
    counted = {version: package.source_version for version, package in shown.items()}
    choice = choose(
        aim,
        [offer.version for offer in newer],
        rules.reach,
        allow_major=rules.allow_major,
        counted=counted,
    )
    blocked = list(choice.blocked(aim))
    for admits, barrier, words in stages:
        left = [offer for offer in newer if admits(offer)]
        narrower = choose(
            aim,
            [offer.version for offer in left],
            rules.reach,
            allow_major=rules.allow_major,
            counted=counted,
        )
        lost = tuple(finding for finding in choice.closes if finding not in narrower.closes)
        if lost:
            best = next(offer for offer in newer if offer.version == choice.version)
            blocked.append(aim.blocked(barrier, f"{_fixed(aim, lost)}; {words(best)}", lost))
        newer, choice = left, narrower
    still = (
        (each, tuple(finding for finding in each.findings if finding not in choice.closes))
        for each in blocked
    )
    return choice, tuple(replace(each, findings=findings) for each, findings in still if findings)


def _fixed(aim: Aim, findings: Sequence[str]) -> str:
    versions = dict.fromkeys(aim.fixes[finding][0] for finding in findings)
    # as many as fit on a line
    return f"fixed in {', '.join(list(versions)[:3])}{' and more' if len(versions) > 3 else ''}"  # noqa: PLR2004


def _above(version: str, other: str) -> bool:
    try:
        return DEB.compare(version, other) > 0
    except UnreadableVersionError:
        return False
