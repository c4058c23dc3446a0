"""Which findings an entry of an allow-list names."""

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from careen.model.findings.finding import Finding
from careen.model.packages.package import Inventory
from careen.triage.ignore.rule import ANY, Rule
from careen.triage.packages import PackageIndex

_SPECIAL = re.compile(r"[*?\[]")


class RuleIndex:
    """Entries by identifier, to be asked for each finding of an image."""

    def __init__(self, rules: Sequence[Rule], inventory: Inventory | None = None) -> None:
        self._rules = rules
        self._packages = None if inventory is None else PackageIndex(inventory)
        self._by_id: dict[str, list[int]] = {}
        for number, rule in enumerate(rules):
            if not rule.unread:
                self._by_id.setdefault(rule.identifier, []).append(number)

    def of(self, finding: Finding) -> tuple[int, ...]:
        """Return the numbers of the entries that name a finding, in the file's order."""
        names = [ANY, *(identifier.upper() for identifier in finding.identifiers)]
        found = sorted({number for name in names for number in self._by_id.get(name, ())})
        return tuple(number for number in found if self._holds(self._rules[number], finding))

    def hits(self, findings: Iterable[Finding]) -> list[int]:
        """Return how many findings each entry names."""
        counts = [0] * len(self._rules)
        for finding in findings:
            for number in self.of(finding):
                counts[number] += 1
        return counts

    def _holds(self, rule: Rule, finding: Finding) -> bool:
        if not names_package(rule.package, finding.name, finding.package):
            return False
        if rule.scope is None:
            return True
        package = None if self._packages is None else self._packages.found(finding)
        return rule.scope.holds(finding, package)


def names_package(glob: str, name: str, purl: str) -> bool:
    """Return whether a glob names a package by its name or purl; "" names every package."""
    if not glob or purl == glob:
        return True
    texts = (name, purl, purl.partition("?")[0])
    # Most globs are names, and a list is compared with every package of an image.
    if not _SPECIAL.search(glob):
        return glob in texts
    return any(fnmatchcase(text, glob) for text in texts)
