"""Reader of SARIF 2.1.0, as Trivy, Grype and others write it for vulnerabilities.

SARIF has no field for packages. Purls in a rule or result are used. Otherwise the package is parsed
from the message or the rule's help, for known tools. A finding without a package stays, with its
package unknown.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from careen.errors import InputError
from careen.evidence.scanners.grype import KINDS
from careen.evidence.scanners.report import (
    MAX_FINDINGS,
    ForeignPackage,
    ForeignReport,
    joined,
    named,
)
from careen.evidence.scanners.trivy import purl_from_parts
from careen.evidence.vex.json_access import Problems, text, texts
from careen.formats.json_document import mapping, objects, shown
from careen.model.findings.advisory import Severity, VendorStatus
from careen.model.findings.finding import Finding, Match
from careen.model.findings.severity import severity_of, severity_word
from careen.model.packages.purls import read_purl

_IDENTIFIER = re.compile(
    r"(?:(?:DEBIAN|UBUNTU|ALPINE|BIT|CURL)-)?CVE-\d{4}-\d{4,12}"
    r"|GHSA(?:-[23456789cfghjmpqrvwx]{4}){3}"
    r"|(?:PYSEC|RUSTSEC|GO|OSV|MAL|CGA|TEMP|DSA|DLA|DTSA|USN|ALAS2?|ALBA|ALEA|ALSA|RLSA|RHSA|RHBA|RHEA|ELSA|SUSE-SU|openSUSE-SU|SNYK)-[A-Za-z0-9.:-]{3,48}"
)
_TRIVY_RULES = frozenset({"OsPackageVulnerability", "LanguageSpecificPackageVulnerability"})
_LINE = re.compile(
    r"^(Package|Installed Version|Version|Severity|Fixed Version|Fix"
    r" Version|Type|Vulnerability)(?:: ?| (?=\S))(.*)$",
    re.MULTILINE,
)
_OSV = re.compile(r"Package '(?P<name>[^']{1,200})@(?P<version>[^'@]{1,200})' is vulnerable to")
_LEVEL: Mapping[str, Severity] = {
    "error": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "note": Severity.LOW,
}


def is_sarif(document: Mapping[str, Any]) -> bool:
    """Return whether a JSON object is SARIF: it has a version and runs."""
    return "runs" in document and "version" in document


def read_sarif(document: Mapping[str, Any], where: str) -> ForeignReport:
    """Read all runs of a document as one report.

    Raises InputError for a version other than 2.1.0, and for a document without a run.
    """
    if document.get("version") != "2.1.0":
        msg = f"{where}: version: expected '2.1.0', got {shown(document.get('version'))}"
        raise InputError(msg)
    runs = list(objects(document.get("runs")))
    if not runs:
        msg = f"{where}: a SARIF document without a run"
        raise InputError(msg)
    problems = Problems()
    findings: list[Finding] = []
    packages: dict[ForeignPackage, None] = {}
    for number, run in enumerate(runs):
        reader = _Run(run, f"runs[{number}]", problems)
        for finding, package in reader.findings(MAX_FINDINGS - len(findings)):
            findings.append(finding)
            if package.name:
                packages[package] = None
    first = _Run(runs[0], "runs[0]", problems)
    if unknown := sum(not finding.name for finding in findings):
        problems.add(
            "runs",
            f"{unknown} results name no package: their findings cannot be joined with what is"
            " installed",
        )
    return ForeignReport(
        first.tool,
        first.version,
        first.subject,
        first.digest,
        first.created,
        joined(findings),
        tuple(packages),
        problems.all(),
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """Facts parsed from a result's text."""

    vulnerability: str
    package: ForeignPackage
    fixed: tuple[str, ...]
    severity: str


class _Run:
    def __init__(self, run: Mapping[str, Any], place: str, problems: Problems) -> None:
        self._run, self._place, self._problems = run, place, problems
        driver = mapping(mapping(run.get("tool")).get("driver"))
        self.tool = text(driver.get("name")).lower() or "sarif"
        self.version = text(driver.get("semanticVersion")) or text(driver.get("version"))
        self._rules = list(objects(driver.get("rules")))
        self._by_id = {text(rule.get("id")): rule for rule in self._rules}
        properties = mapping(run.get("properties"))
        digests = (
            reference.partition("@")[2] for reference in texts(properties.get("repoDigests"))
        )
        self.subject = text(properties.get("imageName"))
        self.digest = next((digest for digest in digests if digest), "") or text(
            properties.get("imageID")
        )
        self.created = next(
            (
                text(one.get("endTimeUtc")) or text(one.get("startTimeUtc"))
                for one in objects(run.get("invocations"))
            ),
            "",
        )

    def findings(self, limit: int) -> Iterator[tuple[Finding, ForeignPackage]]:
        """Yield findings with their packages; other results are only counted."""
        others = suppressed = 0
        for count, raw in enumerate(objects(self._run.get("results"))):
            if count >= limit:
                self._problems.add(
                    self._place, f"more than {MAX_FINDINGS} results; the rest is not read"
                )
                break
            if any(
                text(one.get("status")) in {"", "accepted"}
                for one in objects(raw.get("suppressions"))
            ):
                suppressed += 1
                continue
            rule = self._rule(raw)
            said = self._said(raw, rule)
            if not said.vulnerability:
                others += 1
                continue
            yield self._finding(raw, rule, said), said.package
        if others:
            self._problems.add(
                self._place,
                f"{others} results are not about a known vulnerability and are left out",
            )
        if suppressed:
            self._problems.add(
                self._place, f"{suppressed} results are suppressed in the report and are left out"
            )

    def _rule(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        found = self._by_id.get(text(raw.get("ruleId")) or text(mapping(raw.get("rule")).get("id")))
        if found is not None:
            return found
        index = raw.get("ruleIndex")
        return (
            self._rules[index]
            if isinstance(index, int)
            and not isinstance(index, bool)
            and 0 <= index < len(self._rules)
            else {}
        )

    def _said(self, raw: Mapping[str, Any], rule: Mapping[str, Any]) -> _Said:
        message, help_text = (
            text(mapping(raw.get("message")).get("text")),
            text(mapping(rule.get("help")).get("text")),
        )
        # All packages with a vulnerability share a rule of Trivy; its help describes only one of
        # them.
        spoken = message if rule.get("name") in _TRIVY_RULES else f"{message}\n{help_text}"
        lines: dict[str, str] = {}
        for match in _LINE.finditer(spoken):
            lines.setdefault(match[1], match[2].strip())
        stated = text(raw.get("ruleId")) or text(rule.get("id"))
        known = _IDENTIFIER.match(stated)
        whole = rule.get("name") in _TRIVY_RULES or self.tool == "grype"
        vulnerability = lines.get("Vulnerability", "") if whole else ""
        name, version = (
            lines.get("Package", ""),
            lines.get("Installed Version") or lines.get("Version") or "",
        )
        if osv := _OSV.search(message):
            name, version = osv["name"], osv["version"]
        fixed = (
            lines.get("Fixed Version")
            or lines.get("Fix Version")
            or text(mapping(rule.get("properties")).get("fixed_version"))
        )
        return _Said(
            vulnerability or (known[0].removesuffix(f"-{name}") if known else ""),
            self._package(raw, rule, name, version, KINDS.get(lines.get("Type", ""), "")),
            tuple(
                part.strip()
                for part in fixed.split(",")
                if part.strip() and part.strip().lower() != "not fixed"
            ),
            lines.get("Severity", ""),
        )

    def _package(
        self, raw: Mapping[str, Any], rule: Mapping[str, Any], name: str, version: str, kind: str
    ) -> ForeignPackage:
        stated = [
            purl
            for bag in (raw, rule)
            for purl in (
                *texts(mapping(bag.get("properties")).get("purls")),
                text(mapping(bag.get("properties")).get("purl")),
            )
        ]
        read = next(
            (purl for purl in (read_purl(text_) for text_ in stated if text_) if purl is not None),
            None,
        )
        path = next(
            (
                text(
                    mapping(mapping(one.get("physicalLocation")).get("artifactLocation")).get("uri")
                )
                for one in objects(raw.get("locations"))
            ),
            "",
        )
        if read is None:
            return ForeignPackage(purl_from_parts(kind, name, version), kind, name, version, path)
        purl = next(text_ for text_ in stated if read_purl(text_) is read)
        return ForeignPackage(purl, read.type, name or read.name, version or read.version, path)

    def _finding(self, raw: Mapping[str, Any], rule: Mapping[str, Any], said: _Said) -> Finding:
        tags = texts(mapping(rule.get("properties")).get("tags"))
        identifier, aliases = named(
            (said.vulnerability, *(tag for tag in tags if _IDENTIFIER.fullmatch(tag)))
        )
        status = VendorStatus.FIXED if said.fixed else VendorStatus.AFFECTED
        package = said.package
        what = (
            f"lists {package.name} {package.version}"
            if package.name
            else f"names no package; it points at {package.path or 'nothing'}"
        )
        return Finding(
            id=identifier,
            aliases=aliases,
            package=package.purl,
            name=package.name,
            version=package.version,
            matches=(
                Match(
                    said.vulnerability,
                    self.tool,
                    f"{self.tool} {self.version} {what}",
                    status,
                    said.fixed,
                ),
            ),
            status=status,
            fixed=said.fixed,
            severity=self._severity(raw, rule, (said.severity, *tags)),
            severity_source=self.tool,
            summary=text(mapping(rule.get("shortDescription")).get("text")),
            references=tuple(url for url in (text(rule.get("helpUri")),) if url),
        )

    def _severity(
        self, raw: Mapping[str, Any], rule: Mapping[str, Any], words: tuple[str, ...]
    ) -> Severity:
        for word in words:
            if (said := severity_word(word)) is not Severity.UNKNOWN:
                return said
        stated = mapping(rule.get("properties")).get("security-severity")
        try:
            score = float(stated) if isinstance(stated, str | int | float) else -1.0
        except ValueError:
            score = -1.0
        if 0 <= score <= 10:  # noqa: PLR2004 — CVSS's own bounds
            return severity_of(score)
        return _LEVEL.get(
            text(raw.get("level")) or text(mapping(rule.get("defaultConfiguration")).get("level")),
            Severity.UNKNOWN,
        )
