"""Writer of a scan as SARIF 2.1.0 (OASIS), in the subset of GitHub's code scanning."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any
from urllib.parse import quote

from careen import __version__
from careen.formats.versions.closing import Upgrade
from careen.model.findings.advisory import Severity
from careen.model.findings.finding import Finding
from careen.model.findings.questions import FourQuestions
from careen.model.findings.triage import Priority, ScanReport, Suppressed, Triaged
from careen.model.paths import ROOT
from careen.report.markdown_text import escaped
from careen.report.patch.upgrades import upgrades

MAX_RESULTS = 25_000  # limit of code scanning for one run
_MAX_TEXT = 1_000  # characters of a description
_MAX_ALIASES = 8  # code scanning takes 20 tags of a rule

_LEVELS = {Priority.ACT: "error", Priority.ATTEND: "warning", Priority.TRACK: "note"}
# Default without a CVSS score: the middle of the severity's range in code scanning.
_SCORES = {
    Severity.CRITICAL: 9.5,
    Severity.HIGH: 8.0,
    Severity.MEDIUM: 5.5,
    Severity.LOW: 2.0,
    Severity.NEGLIGIBLE: 0.1,
    Severity.UNKNOWN: 0.0,
}
# Code scanning shows `critical`, `high`, … by the score alone: the least score of each.
_LEAST = {Severity.CRITICAL: 9.0, Severity.HIGH: 7.0, Severity.MEDIUM: 4.0, Severity.LOW: 0.1}
_CVE = re.compile(r"CVE-\d{4}-\d{4,}")
_BASE = "IMAGE"


def scan_sarif(report: ScanReport) -> bytes:
    """Return the log: a rule for each identifier, a result for each affected package.

    Results are most urgent first, at most `MAX_RESULTS`; the level follows the priority. The
    location is the package's record relative to `IMAGE`, or the image's name. What `.careenignore`
    or VEX suppresses is included with `suppressions`. Equal reports give the same bytes.
    """
    items: list[tuple[Triaged, Suppressed | None]] = [(item, None) for item in report.findings]
    items += [(item.triaged, item) for item in report.suppressed]
    kept, left_out = items[:MAX_RESULTS], len(items) - MAX_RESULTS
    rules: dict[str, list[Triaged]] = {}
    for item, _ in kept:
        rules.setdefault(item.finding.id, []).append(item)
    number = {identifier: index for index, identifier in enumerate(rules)}
    best = upgrades(item for item, _ in items)
    notes = [
        *report.warnings,
        *report.crossed,
        *(
            [
                (
                    f"{left_out} more {'finding is' if left_out == 1 else 'findings are'} left out:"
                    f" the limit is {MAX_RESULTS}"
                )
            ]
            if left_out > 0
            else []
        ),
    ]
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "careen",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(group) for group in rules.values()],
            }
        },
        "automationDetails": {"id": f"careen/scan/{_uri(report.subject) or 'image'}/"},
        "originalUriBaseIds": {
            _BASE: {
                "uri": "file:///",
                "description": {"text": "The root of the image's file system."},
            }
        },
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {"level": "warning", "message": {"text": _text(note)}} for note in notes
                ],
            }
        ],
        "results": [
            _result(item, by, number[item.finding.id], report, best[item.finding.package])
            for item, by in kept
        ],
        "columnKind": "unicodeCodePoints",
        "properties": {
            "subject": _text(report.subject),
            "digest": _text(report.digest),
            "created": _text(report.created),
            "feeds": [
                {"name": _text(feed.name), "date": _text(feed.date)} for feed in report.feeds
            ],
        },
    }
    log = {
        "$schema": (
            "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
        ),
        "version": "2.1.0",
        "runs": [run],
    }
    return (json.dumps(log, indent=1) + "\n").encode("ascii")


def _text(raw: str, limit: int = _MAX_TEXT) -> str:
    text = raw.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _uri(path: str) -> str:
    return quote(
        path.lstrip("/").encode("utf-8", "surrogateescape" if _encodable(path) else "replace"),
        safe="/",
    )


def _encodable(path: str) -> bool:
    try:
        path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def _rule(group: Sequence[Triaged]) -> dict[str, Any]:
    findings = [item.finding for item in group]
    first = findings[0]
    severity = max(finding.severity for finding in findings)
    names = ", ".join(dict.fromkeys(finding.name for finding in islice(findings, 5)))
    title = f"{first.id} ({severity.word}) in {names}"
    summary = first.summary or f"{first.id} in {names}. No summary is known."
    rule: dict[str, Any] = {
        "id": _text(first.id),
        "name": "VulnerablePackage",
        "shortDescription": {"text": _text(title)},
        "fullDescription": {"text": _text(summary)},
        "help": {"text": _help(findings, summary), "markdown": _help_markdown(findings, summary)},
        "defaultConfiguration": {"level": _LEVELS[group[0].priority]},
        "properties": {
            "security-severity": f"{_score(findings, severity):.1f}",
            "precision": "high",
            "tags": [
                "security",
                "vulnerability",
                severity.word,
                *(_text(alias, 100) for alias in first.aliases[:_MAX_ALIASES]),
            ],
        },
    }
    if _CVE.fullmatch(first.id):
        rule["helpUri"] = f"https://nvd.nist.gov/vuln/detail/{first.id}"
    return rule


def _score(findings: Sequence[Finding], severity: Severity) -> float:
    """Return the highest CVSS score, or the severity's default if there is none.

    It is never below the severity's range: a vendor may rate higher than its score.
    """
    highest = max(
        (one.score for finding in findings for one in finding.scores if one.score is not None),
        default=_SCORES[severity],
    )
    return max(highest, _LEAST.get(severity, 0.0))


def _help(findings: Sequence[Finding], summary: str) -> str:
    return _text("\n".join((summary, *_advice(findings))), 4 * _MAX_TEXT)


def _help_markdown(findings: Sequence[Finding], summary: str) -> str:
    lines = [f"- {escaped(line)}" for line in _advice(findings)]
    return "\n".join((escaped(summary, _MAX_TEXT), "", *lines))


def _advice(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in islice(findings, 10):
        fix = (
            f"upgrade to {' or '.join(finding.fixed)}"
            if finding.fixed
            else f"no fix is known ({finding.status.value})"
        )
        yield f"{finding.name} {finding.version}: {fix}"


def _questions(asked: FourQuestions) -> dict[str, Any]:
    """Return the answers to BOD 26-04 by their names in JSON."""
    answers = (
        ("exposed", asked.exposed),
        ("automatable", asked.automatable),
        ("totalControl", asked.total_control),
        ("exploited", asked.exploited),
    )
    return {
        name: {"answer": one.answer.value, "source": _text(one.source)} for name, one in answers
    }


def _result(
    item: Triaged, by: Suppressed | None, rule: int, report: ScanReport, best: Upgrade
) -> dict[str, Any]:
    finding = item.finding
    package = report.inventory.packages.get(finding.package)
    place = (
        package.record
        if package is not None and package.record != ROOT
        else next(iter(package.files), ROOT)
        if package is not None
        else ROOT
    )
    artifact = (
        {"uri": _uri(place), "uriBaseId": _BASE}
        if place != ROOT
        else {"uri": _uri(report.subject) or "image"}
    )
    # The fingerprint has no version, so that an alert survives a change between affected versions.
    key = json.dumps(
        [finding.id, finding.package.partition(":")[2].partition("/")[0], finding.name, place]
    )
    fingerprint = hashlib.sha256(key.encode()).hexdigest()[:32]
    fix = f"fixed in {' or '.join(finding.fixed)}" if finding.fixed else "no fix is known"
    if len(best.closes) > 1:
        fix = f"{fix}; {best.words} findings of the package"
    message = (
        f"{finding.name} {finding.version} in {report.subject} has {finding.id}: {item.tier_words},"
        f" {fix}. {'; '.join(item.reasons)}"
    )
    result: dict[str, Any] = {
        "ruleId": _text(finding.id),
        "ruleIndex": rule,
        "level": _LEVELS[item.priority],
        "message": {"text": _text(message)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": artifact,
                    "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1},
                },
                "message": {"text": _text(f"{finding.name} {finding.version}")},
            }
        ],
        "partialFingerprints": {
            "primaryLocationLineHash": f"{fingerprint}:1",
            "careenFinding/v1": fingerprint,
        },
        "properties": {
            "purl": _text(finding.package),
            "tier": item.tier.value,
            "healthCheckOnly": item.health_check_only,
            "priority": item.priority.value,
            "reasons": [_text(one) for one in item.reasons],
            "questions": _questions(item.questions),
            "fixed": [_text(version) for version in finding.fixed],
            "upgrade": _text(best.version),
        },
    }
    if by is not None:
        until = f" (until {by.until})" if by.until else ""
        result["suppressions"] = [
            {
                "kind": "external",
                "status": "accepted",
                "justification": _text(f"{by.by}: {by.reason}{until}"),
            }
        ]
    return result
