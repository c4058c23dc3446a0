"""Effect of upgrades on findings, read from the new image and not from the plan."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from careen.model.findings.finding import Finding
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.patching import GONE, ReadBack
from careen.model.paths import ancestors, parent
from careen.pipeline.upgrading.patching import Attempt, Group, group_of

_Identity = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Findings that only the original has (`closed`) or only the new image (`raised`)."""

    closed: tuple[Finding, ...]
    raised: tuple[Finding, ...]


def compare(before: Iterable[Finding], after: Iterable[Finding]) -> Comparison:
    """Compare findings by package and any of the vulnerability's identifiers.

    A package is its ecosystem, name and architecture, without its version.
    """
    old, new = tuple(before), tuple(after)
    known, left = _names(old), _names(new)
    return Comparison(
        tuple(
            each
            for each in old
            if left.get(_identity(each), frozenset()).isdisjoint(each.identifiers)
        ),
        tuple(
            each
            for each in new
            if known.get(_identity(each), frozenset()).isdisjoint(each.identifiers)
        ),
    )


def _names(findings: Iterable[Finding]) -> Mapping[_Identity, frozenset[str]]:
    out: dict[_Identity, set[str]] = {}
    for each in findings:
        out.setdefault(_identity(each), set()).update(each.identifiers)
    return {identity: frozenset(names) for identity, names in out.items()}


def _identity(finding: Finding) -> _Identity:
    kind, _, rest = finding.package.partition("/")
    qualifiers = rest.partition("?")[2]
    architecture = next((word for word in qualifiers.split("&") if word.startswith("arch=")), "")
    return kind, finding.name, architecture


def raising(
    attempt: Attempt, raised: Sequence[Finding], stock: Inventory
) -> Mapping[Group, tuple[Finding, ...]]:
    """Return the groups of upgrades that raised findings, with these findings.

    The findings are of the upgraded package, or of one that its files contain.
    """
    out: dict[Group, list[Finding]] = {}
    for finding in raised:
        owners = {(package.name, package.version) for package in _holders(finding, stock)}
        groups = {
            group_of(upgrade)
            for upgrade in attempt.upgrades
            if (upgrade.name, upgrade.target) in owners
        }
        for group in sorted(groups):
            out.setdefault(group, []).append(finding)
    return {group: tuple(findings) for group, findings in out.items()}


def _holders(finding: Finding, stock: Inventory) -> Iterator[Package]:
    """Yield the package of a finding, the owners of its record, and enclosing Node packages."""
    package = stock.packages.get(finding.package)
    if package is None:
        return
    yield package
    yield from (stock.packages[purl] for purl in stock.owners.get(package.record, ()))
    if "/node_modules/" in package.record:
        around = set(ancestors(parent(package.record)))
        yield from (
            each
            for each in stock.packages.values()
            if each.ecosystem is Ecosystem.NPM and parent(each.record) in around
        )


def read_back(attempt: Attempt, stock: Inventory, after: Iterable[Finding]) -> tuple[ReadBack, ...]:
    """Return each upgrade as the new image has it: its version, and its findings left."""
    left: dict[tuple[str, str], set[str]] = {}
    for finding in after:
        left.setdefault((finding.name, finding.version), set()).update(finding.identifiers)
    places: dict[tuple[str, str], list[Package]] = {}
    for package in stock.packages.values():
        places.setdefault((package.ecosystem.value, package.name), []).append(package)
    out = []
    for upgrade in attempt.upgrades:
        there = {
            package.version for package in places.get((upgrade.ecosystem.value, upgrade.name), ())
        }
        is_gone = upgrade.target == GONE and (
            upgrade.installed not in there if upgrade.inside else upgrade.purl not in stock.packages
        )
        version = (
            upgrade.target
            if is_gone or upgrade.target in there
            else ", ".join(sorted(there)) or GONE
        )
        still = set() if is_gone else left.get((upgrade.name, upgrade.target), set())
        told = (
            attempt.versions.get(f"{upgrade.manager}:{upgrade.name}", "")
            if not upgrade.inside
            else ""
        )
        done = version == upgrade.target
        out.append(
            ReadBack(
                upgrade,
                version,
                confirmed=done and told == upgrade.target,
                closed=tuple(each for each in upgrade.closes if done and each not in still),
                left=tuple(each for each in upgrade.closes if not done or each in still),
            )
        )
    return tuple(out)
