"""The user's limits for what upgrades pull along.

Package managers know what resolves, not what is held, excluded, limited or another major version.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from careen.errors import InputError
from careen.formats.versions import UnreadableVersionError, scheme_of_packages
from careen.formats.versions.lines import is_major, variant
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.patching import GONE, Blocked, BlockReason, PatchChoices, Upgrade
from careen.model.paths import parent
from careen.patch.globs import is_package
from careen.patch.limit import parse_limit
from careen.patch.policy import Policy
from careen.patch.port import Proposal

_Objection = tuple[BlockReason, str]


def apply_policy(
    offer: Proposal, inventory: Inventory, choices: PatchChoices, policy: Policy
) -> Proposal:
    """Return the proposal without the groups that the user does not want or that downgrade.

    What they were to close is blocked, with the upgrade that is the reason.
    """
    refused: dict[tuple[str, str], _Objection] = {}
    for upgrade in offer.upgrades:
        package = inventory.packages.get(upgrade.purl)
        objection = None
        if (
            package is not None and upgrade.installed and not upgrade.inside
        ):  # a copy is judged by what carries it
            private = _is_private(upgrade, package, inventory)
            objection = objection_to(package, upgrade.target, choices, policy, private=private)
        if objection is not None:
            refused.setdefault((upgrade.manager, upgrade.group), objection)
    if not refused:
        return offer
    gone = [upgrade for upgrade in offer.upgrades if (upgrade.manager, upgrade.group) in refused]
    kept = tuple(
        upgrade for upgrade in offer.upgrades if (upgrade.manager, upgrade.group) not in refused
    )
    return replace(offer, upgrades=kept, blocked=(*offer.blocked, *_blocked(gone, kept, refused)))


def _blocked(
    gone: Sequence[Upgrade], kept: Sequence[Upgrade], refused: dict[tuple[str, str], _Objection]
) -> Iterable[Blocked]:
    closed = {(upgrade.purl, finding) for upgrade in kept for finding in upgrade.closes}
    for upgrade in gone:
        left = tuple(finding for finding in upgrade.closes if (upgrade.purl, finding) not in closed)
        if left:
            barrier, detail = refused[upgrade.manager, upgrade.group]
            yield Blocked(
                upgrade.purl,
                upgrade.name,
                upgrade.installed,
                left,
                barrier,
                f"{upgrade.target} needs {detail}",
            )


def _is_private(upgrade: Upgrade, package: Package, inventory: Inventory) -> bool:
    """Return whether only the package that pulls another gets it (nested `node_modules`)."""
    owners = (inventory.packages.get(purl) for purl in upgrade.pulled_by)
    return package.ecosystem is Ecosystem.NPM and any(
        owner is not None and package.record.startswith(f"{parent(owner.record)}/node_modules/")
        for owner in owners
    )


def why_it_stays(package: Package, choices: PatchChoices, policy: Policy) -> str:
    """Return the user's reason to keep a package as it is, or ""."""
    glob = next((glob for glob in choices.exclude if is_package(glob, package)), None)
    if glob is not None:
        return f"--exclude {glob} forbids"
    ruling = policy.on(package)
    return f"is held ({ruling.word})" if ruling.hold else ""


def objection_to(
    package: Package, target: str, choices: PatchChoices, policy: Policy, *, private: bool = False
) -> _Objection | None:
    """Return the user's objection to a package's new version, or None.

    A private copy follows the package that brought it, also down.
    """
    ruling = policy.on(package)
    step = f"{package.name} {package.version} to go to {target}"
    if stays := why_it_stays(package, choices, policy):
        return BlockReason.EXCLUDED, f"{step}, which {stays}"
    scheme = scheme_of_packages(package.ecosystem)
    if scheme is None or target == GONE:
        return None
    try:
        down = scheme.compare(target, package.version) < 0
        admitted = not ruling.limit or parse_limit(ruling.limit).admits(target, scheme)
    except (UnreadableVersionError, InputError) as error:
        return BlockReason.PINNED, f"{step}, which cannot be compared: {error}"
    if down and not private:
        return BlockReason.PINNED, f"{step}, which is a downgrade"
    if not admitted:
        return (
            BlockReason.EXCLUDED,
            f"{step}, which the limit {ruling.limit} excludes ({ruling.word})",
        )
    if private:
        return None
    if variant(package.ecosystem, target) != variant(package.ecosystem, package.version):
        return BlockReason.VARIANT, f"{step}, which is another build"
    allowed = choices.allow_major if ruling.allow_major is None else ruling.allow_major
    return (
        (BlockReason.MAJOR, f"{step}, another major version")
        if not allowed and is_major(package.ecosystem, package.version, target)
        else None
    )
