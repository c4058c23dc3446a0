"""Debian findings next to independent scanners': 86 public reports of Debian images, each
difference put into a class with its reason.

Each report's packages, as far as it names them, become an inventory that is matched with the
tracker's data of the same folder; the two sets of (package, vulnerability) are compared. Reports do
not state source versions: they are taken from the binaries of one source package, without the
suffix of a rebuild (`+b1`).

`python -m bench.debian_agreement [FOLDER]` prints the tables. FOLDER holds the frozen feeds; by
default it is `../shared/data/vuln`.
"""

import gzip
import io
import json
import re
import sys
from argparse import ArgumentParser
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date as day
from pathlib import Path
from typing import Any

from careen.advisories.feeds.debian_tracker import DebianTracker
from careen.advisories.feeds.head import read_head
from careen.advisories.feeds.port import Document, Record
from careen.advisories.matching.match import match
from careen.model.findings.advisory import Advisory
from careen.model.findings.finding import Finding
from careen.model.packages.distribution import Distribution
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ImagePath
from tests.support.advisory_source import MemorySource

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "vuln"
RELEASES = {"bookworm": "12", "trixie": "13"}
_REBUILD = re.compile(r"\+b[0-9]+$")
_LAG = 7  # days; scanners rebuild their databases every few hours, and reports use cached ones
_STATUS = ImagePath("/var/lib/dpkg/status")

THEIRS = {
    "third party": (
        "built by someone else than Debian (nginx.org, PostgreSQL): Debian's word is not about it"
    ),
    "Debian said both": (
        "an advisory older than the report names this version as the fix, while the tracker of that"
        " day still had it open"
    ),
    "unexplained": "",
}
OURS = {
    "the report is filtered": "it was made with a severity filter or without unfixed ones",
    "learnt that week": (
        "the oldest thing that the entry rests on is at most a week older than the report: the"
        " scanner's own database lagged"
    ),
    "learnt later": "everything that the entry rests on is newer than the report",
    "undetermined": (
        "once open in some report, later not, without an advisory: taken for open, and said so"
    ),
    "minor": "the tracker calls it unimportant or a minor issue; the report leaves such ones out",
    "unexplained": "",
}


@dataclass(slots=True)
class Agreement:
    """The comparison of one report, or the sum of all. `both` counts what the two agree on;
    `independent` the part of it whose entry rests on an advisory, not on scan reports (which may be
    this very one).
    """

    both: int = 0
    independent: int = 0
    theirs: Counter[str] = field(default_factory=Counter)
    ours: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)

    def add(self, other: "Agreement") -> None:
        """Add another report's figures."""
        self.both += other.both
        self.independent += other.independent
        self.theirs.update(other.theirs)
        self.ours.update(other.ours)
        self.unexplained.extend(other.unexplained)

    @property
    def found(self) -> float:
        """The share of their findings that are ours, too, leaving out packages that are not
        Debian's.
        """
        others = sum(number for name, number in self.theirs.items() if name != "third party")
        return self.both / max(self.both + others, 1)


def read_tracker(folder: Path) -> list[Advisory]:
    """Return the tracker's records, one for each source package and CVE."""
    path = folder / "debian-tracker.json.gz"
    with gzip.open(path) as stream:
        data = stream.read()
    document = Document(
        path.name, read_head(data[: 256 << 10], complete=False), io.BufferedReader(io.BytesIO(data))
    )
    return [
        advisory
        for item in DebianTracker().read(document)
        if isinstance(item, Record)
        for advisory in item.advisories
    ]


def compare(folder: Path) -> dict[str, Agreement]:
    """Return the agreement for each report, by its identifier."""
    source = MemorySource(read_tracker(folder))
    provenance = json.loads(
        gzip.decompress((folder / "debian-tracker-provenance.json.gz").read_bytes())
    )
    reports: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with gzip.open(folder / "debian-scan-observations.jsonl.gz", "rt") as lines:
        for line in lines:
            observation = json.loads(line)
            reports[observation["report"]].append(observation)
    return {
        name: _compare_report(observations, source, provenance)
        for name, observations in sorted(reports.items())
    }


def _compare_report(
    observations: list[dict[str, Any]], source: MemorySource, provenance: Mapping[str, Any]
) -> Agreement:
    out = Agreement()
    release = observations[0]["release"]
    inventory = _inventory(observations, release)
    theirs = {(_purl(one), one["id"]): one for one in observations}
    sources = {_purl(one): one["source"] for one in observations}
    ours = {(one.package, one.id): one for one in match(inventory, source).findings}
    filtered = all(
        str(one["severity"]).upper() in {"HIGH", "CRITICAL"} for one in observations
    ) or all(one["fixed"] for one in observations)
    for key in theirs.keys() & ours.keys():
        out.both += 1
        out.independent += any(
            basis["from"] == "advisory"
            for basis in _basis(provenance, sources[key[0]], key[1], release)
        )
    for key in sorted(theirs.keys() - ours.keys()):
        reason = _why_theirs(theirs[key], provenance)
        out.theirs[reason] += 1
        if reason == "unexplained":
            out.unexplained.append(f"theirs: {key} {theirs[key]}")
    for key in sorted(ours.keys() - theirs.keys()):
        basis = _basis(provenance, sources[key[0]], key[1], release)
        reason = (
            "the report is filtered"
            if filtered
            else _why_ours(ours[key], basis, observations[0]["date"])
        )
        out.ours[reason] += 1
        if reason == "unexplained":
            out.unexplained.append(
                f"ours: {observations[0]['report']} {observations[0]['date']}"
                f" {observations[0]['tool']} {key} {ours[key].matches} {basis}"
            )
    return out


def _inventory(observations: list[dict[str, Any]], release: str) -> Inventory:
    versions: dict[str, Counter[str]] = defaultdict(Counter)
    for _, version, source in {
        (one["binary"], _REBUILD.sub("", one["installed"]), one["source"]) for one in observations
    }:
        versions[source][version] += 1
    packages = {}
    for one in observations:
        known = versions[one["source"]]
        source_version = max(
            known, key=lambda version: (known[version], ":" not in version, version)
        )
        purl = _purl(one)
        packages[purl] = Package(
            Ecosystem.DEB,
            one["binary"],
            one["installed"],
            purl,
            _STATUS,
            (),
            source=f"{one['source']}@{source_version}",
        )
    return Inventory(packages, {}, distribution=Distribution("debian", RELEASES[release], release))


def _purl(observation: Mapping[str, Any]) -> str:
    return f"pkg:deb/debian/{observation['binary']}@{observation['installed']}"


def _basis(
    provenance: Mapping[str, Any], source: str, cve: str, release: str
) -> list[dict[str, Any]]:
    entry = provenance.get(source, {}).get(cve, {}).get(release, {})
    return list(entry.get("sources", ()))


def _why_theirs(observation: Mapping[str, Any], provenance: Mapping[str, Any]) -> str:
    if observation["third_party"]:
        return "third party"
    basis = _basis(provenance, observation["source"], observation["id"], observation["release"])
    if any(
        one["from"] == "advisory"
        and one.get("fixed") == observation["installed"]
        and one["date"] <= observation["date"]
        for one in basis
    ):
        return "Debian said both"
    return "unexplained"


def _why_ours(finding: Finding, basis: list[dict[str, Any]], date: str) -> str:
    first = min((one["date"] for one in basis), default="")
    if first > date:
        return "learnt later"
    if first and (day.fromisoformat(date) - day.fromisoformat(first)).days <= _LAG:
        return "learnt that week"
    if finding.status.value == "undetermined":
        return "undetermined"
    if finding.severity.word == "negligible" or finding.status.value in {"deferred", "won't fix"}:
        return "minor"
    return "unexplained"


def tables(agreements: Mapping[str, Agreement]) -> Iterator[str]:
    """Yield the lines of the tables."""
    total = Agreement()
    yield "| report | both | theirs only | ours only |"
    yield "| --- | ---: | ---: | ---: |"
    for name, one in agreements.items():
        total.add(one)
        yield f"| {name} | {one.both} | {one.theirs.total()} | {one.ours.total()} |"
    yield (
        f"| all {len(agreements)} | {total.both} | {total.theirs.total()} | {total.ours.total()} |"
    )
    yield ""
    yield (
        f"{total.independent} of the {total.both} rest on an advisory; of their findings on"
        f" Debian's packages {total.found:.4f} are ours, too."
    )
    for title, counts, reasons in (
        ("theirs only", total.theirs, THEIRS),
        ("ours only", total.ours, OURS),
    ):
        yield ""
        yield f"| {title} | findings | why |"
        yield "| --- | ---: | --- |"
        for name, number in counts.most_common():
            yield f"| {name} | {number} | {reasons[name]} |"


def main(argv: list[str]) -> int:
    """Print the tables, and what has no reason."""
    parser = ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(argv)
    agreements = compare(options.folder)
    print("\n".join(tables(agreements)))
    for line in [line for one in agreements.values() for line in one.unexplained][:40]:
        print(line, file=sys.stderr)
    if options.json:
        total = Agreement()
        for one in agreements.values():
            total.add(one)
        options.json.write_text(
            json.dumps(
                {
                    "both": total.both,
                    "independent": total.independent,
                    "theirs": total.theirs,
                    "ours": total.ours,
                }
            )
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
