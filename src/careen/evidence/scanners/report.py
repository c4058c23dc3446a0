"""Values of other scanners' reports, to be triaged with careen's evidence."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from careen.model.findings.advisory import CvssScore
from careen.model.findings.finding import Finding
from careen.model.findings.severity import severity_of

MAX_FINDINGS = 200_000
"""Limit of findings per report. The worst real images have about 10,000."""

_CVE = re.compile(r"CVE-(\d{4})-(\d{4,})")


@dataclass(frozen=True, slots=True)
class ForeignPackage:
    """A package as a report names it.

    `kind` is the purl type, `path` the location; "" if unknown.
    """

    purl: str
    kind: str
    name: str
    version: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class ForeignReport:
    """A scanner's report.

    `tool` is in lower case; `subject` is what it scanned, in its words; `digest` is the image's or
    "". Findings keep the tool's severity, status and fixed versions. Their `package` is the stated
    or derived purl, "" without a package type. `problems` lists what was left out: results without
    a vulnerability, suppressed ones, unreadable entries, findings without a known package.
    """

    tool: str
    version: str
    subject: str
    digest: str
    created: str
    findings: tuple[Finding, ...]
    packages: tuple[ForeignPackage, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """The tool with its version, as reports name it."""
        return f"{self.tool} {self.version}".rstrip()


def named(identifiers: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """Return the identifier of a finding, and its aliases, sorted.

    The identifier is the lowest CVE, else a GHSA, else the first.
    """
    known = tuple(dict.fromkeys(name for name in identifiers if name))
    if not known:
        return "", ()
    cves = sorted(
        (int(match[1]), int(match[2][:18]), name)
        for name in known
        if (match := _CVE.fullmatch(name))
    )
    first = (
        cves[0][2] if cves else next((name for name in known if name.startswith("GHSA-")), known[0])
    )
    return first, tuple(sorted(name for name in known if name != first))


def cvss(source: str, version: str, vector: str, score: object) -> CvssScore | None:
    """Return one assessment, or None if it has neither a vector nor a score from 0 to 10."""
    number = (
        float(score)
        if isinstance(score, int | float) and not isinstance(score, bool) and 0 <= score <= 10  # noqa: PLR2004
        else None
    )
    if number is None and not vector:
        return None
    return CvssScore(source, version, vector, number, severity_of(number, version))


def joined(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Merge findings of one vulnerability in one package; sort by package and identifier."""
    # A tool may list a finding once per path or layer.
    out: dict[tuple[str, str, str, str], Finding] = {}
    for finding in findings:
        key = (finding.package, finding.name, finding.version, finding.id)
        first = out.get(key)
        if first is not None:
            finding = replace(  # noqa: PLW2901 — the joined one takes its place
                first,
                aliases=tuple(sorted({*first.aliases, *finding.aliases})),
                fixed=tuple(dict.fromkeys((*first.fixed, *finding.fixed))),
                severity=max(first.severity, finding.severity),
            )
        out[key] = finding
    return tuple(out[key] for key in sorted(out))
