"""The labelled set: which vulnerabilities a package of a version has, and which it has not, written
by hand from the records.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from careen.advisories.matching.match import match
from careen.model.findings.advisory import AdvisorySource
from careen.model.packages.distribution import Distribution
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ImagePath

_DISTRIBUTIONS = {
    "debian": Distribution("debian", "12", "bookworm"),
    "debian13": Distribution("debian", "13", "trixie"),
    "ubuntu": Distribution("ubuntu", "22.04", "jammy"),
    "alpine": Distribution("alpine", "3.20.3", name="Alpine Linux v3.20"),
    "edge": Distribution("alpine", "3.23.0_alpha20250612", name="Alpine Linux edge"),
    "alma8": Distribution("almalinux", "8.10", like=("rhel", "centos", "fedora")),
    "alma9": Distribution("almalinux", "9.4", like=("rhel", "centos", "fedora")),
    "rocky": Distribution("rocky", "9.4", like=("rhel", "centos", "fedora")),
    "rhel": Distribution("rhel", "9.4", like=("fedora",)),
}
_DISTRIBUTION_ECOSYSTEMS = {
    "debian": Ecosystem.DEB,
    "debian13": Ecosystem.DEB,
    "ubuntu": Ecosystem.DEB,
    "alpine": Ecosystem.APK,
    "edge": Ecosystem.APK,
}


@dataclass(frozen=True, slots=True)
class Label:
    """One package with what is true of it. `where` is a distribution of ours or a purl type."""

    where: str
    name: str
    version: str
    yes: frozenset[str]
    no: frozenset[str]
    source: str = ""
    module: str = ""


@dataclass(slots=True)
class Score:
    """What a matcher made of the labels."""

    found: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    quiet: int = 0

    @property
    def recall(self) -> float:
        return self.found / max(self.found + len(self.missed), 1)

    @property
    def precision(self) -> float:
        return self.found / max(self.found + len(self.wrong), 1)


def read_labels(text: str) -> list[Label]:
    """Read lines `where name version [source=…] [module=…] : id … ! id …`; `#` begins a comment."""
    out = []
    for line in text.splitlines():
        content = line.partition("#")[0].strip()
        if not content:
            continue
        package, _, verdict = content.partition(" : ")
        where, name, version, *others = package.split()
        options = dict(other.split("=", 1) for other in others)
        yes, _, no = verdict.partition("!")
        out.append(
            Label(where, name, version, frozenset(yes.split()), frozenset(no.split()), **options)
        )
    return out


def score(labels: Iterable[Label], source: AdvisorySource) -> Score:
    """Match each label's package by itself and count."""
    out = Score()
    for label in labels:
        package = _package(label)
        inventory = Inventory(
            {package.purl: package}, {}, distribution=_DISTRIBUTIONS.get(label.where)
        )
        ids = {
            identifier
            for finding in match(inventory, source).findings
            for identifier in finding.identifiers
        }
        what = f"{label.where} {label.name} {label.version}"
        out.found += len(label.yes & ids)
        out.quiet += len(label.no - ids)
        out.missed.extend(f"{what}: {identifier}" for identifier in sorted(label.yes - ids))
        out.wrong.extend(f"{what}: {identifier}" for identifier in sorted(label.no & ids))
    return out


def _package(label: Label) -> Package:
    ecosystem = (
        Ecosystem(label.where)
        if label.where not in _DISTRIBUTIONS
        else _DISTRIBUTION_ECOSYSTEMS.get(label.where, Ecosystem.RPM)
    )
    purl = f"pkg:{ecosystem.value}/{label.name}@{label.version}"
    return Package(
        ecosystem,
        label.name,
        label.version,
        purl,
        ImagePath("/record"),
        (),
        source=label.source,
        module=label.module,
    )
