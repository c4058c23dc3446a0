"""Best upgrade of each vulnerable package."""

from collections.abc import Iterable, Mapping

from careen.formats.versions.closing import Upgrade, best_upgrade
from careen.model.findings.triage import Triaged
from careen.model.packages.purls import ecosystem_of


def upgrades(items: Iterable[Triaged]) -> Mapping[str, Upgrade]:
    """Return, by purl, the version that closes the most of a package's findings."""
    fixes: dict[str, dict[str, tuple[str, ...]]] = {}
    for item in items:
        finding = item.finding
        fixes.setdefault(finding.package, {})[finding.id] = finding.fixed
    return {purl: best_upgrade(known, ecosystem_of(purl)) for purl, known in fixes.items()}
