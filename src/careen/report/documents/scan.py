"""Writer of a scan as JSON (docs/schema/scan-1.schema.json).

Unknown values are null, never 0 or "".
"""

from typing import Any

from careen.formats.versions.closing import Upgrade
from careen.model.findings.advisory import CvssScore, Feed
from careen.model.findings.finding import Finding, Match, Uncovered
from careen.model.findings.triage import ObservedBy, ScanReport, Suppressed, Triaged, Witness
from careen.model.packages.model_file import ModelFile
from careen.model.packages.package import Inventory, Package
from careen.report.completeness_words import evidence_members
from careen.report.documents.document import to_json
from careen.report.patch.upgrades import upgrades

FORMAT = "careen.scan"
VERSION = 1

Json = dict[str, Any]


def to_scan_json(report: ScanReport) -> bytes:
    """Return the document's bytes, the same for equal reports.

    Packages are sorted by purl; findings keep the report's order. Names that are not UTF-8 contain
    lone surrogates (PEP 383).
    """
    return to_json({
        "format": FORMAT,
        "version": VERSION,
        "subject": report.subject,
        "digest": report.digest or None,
        "created": report.created,
        "origin": report.origin,
        "observed": None if report.observed is None else _observed(report.observed),
        "findings": [_triaged(item) for item in report.findings],
        "upgrades": [_upgrade(purl, best) for purl, best in upgrades(report.findings).items()],
        "suppressed": [_suppressed(item) for item in report.suppressed],
        "uncovered": [_uncovered(item) for item in report.uncovered],
        "feeds": [_feed(feed) for feed in report.feeds],
        "inventory": _inventory(report.inventory),
        "unowned": {"files": report.unowned, "examples": list(report.unowned_examples)},
        "warnings": list(report.warnings),
        "crossed": list(report.crossed),
    })  # fmt: skip


def _observed(observed: ObservedBy) -> Json:
    return {
        "workloads": list(observed.workloads),
        "seconds": round(observed.seconds, 3),
        **evidence_members(observed.completeness),
        "checked": list(observed.checked),
        "of_this_image": observed.exact,
    }


def _triaged(item: Triaged) -> Json:
    return {
        **_finding(item.finding),
        "priority": item.priority.value,
        "tier": item.tier.value,
        "health_check_only": item.health_check_only,
        "scope": item.scope,
        "reasons": list(item.reasons),
        "witnesses": [_witness(witness) for witness in item.witnesses],
        "questions": {
            name.replace(" ", "_"): {"answer": answered.answer.value, "source": answered.source}
            for name, answered in item.questions.rows
        },
    }


def _upgrade(purl: str, best: Upgrade) -> Json:
    return {
        "package": purl,
        "version": best.version or None,
        "closes": list(best.closes),
        "remains": list(best.remains),
        "unfixed": list(best.unfixed),
    }


def _witness(witness: Witness) -> Json:
    return {
        "path": witness.path,
        "use": witness.use,
        "executable": witness.executable or None,
        "workload": witness.workload or None,
        "phases": list(witness.phases),
    }


def _finding(finding: Finding) -> Json:
    return {
        "id": finding.id,
        "aliases": list(finding.aliases),
        "package": finding.package,
        "name": finding.name,
        "installed": finding.version,
        "status": finding.status.value,
        "fixed": list(finding.fixed),
        "severity": finding.severity.word,
        "severity_source": finding.severity_source or None,
        "cvss": [_score(score) for score in finding.scores],
        "epss": None
        if finding.epss is None
        else {
            "score": finding.epss.score,
            "percentile": finding.epss.percentile,
            "date": finding.epss.date or None,
        },
        "kev": None
        if finding.kev is None
        else {
            "added": finding.kev.added or None,
            "due": finding.kev.due or None,
            "ransomware": finding.kev.ransomware,
        },
        "ssvc": None
        if finding.ssvc is None
        else {
            "exploitation": finding.ssvc.exploitation or None,
            "automatable": finding.ssvc.automatable or None,
            "technical_impact": finding.ssvc.impact or None,
            "date": finding.ssvc.date or None,
        },
        "summary": finding.summary or None,
        "published": finding.published or None,
        "modified": finding.modified or None,
        "references": list(finding.references),
        "vulnerable_code": [
            {"path": code.path, "symbols": list(code.symbols), "source": code.source or None}
            for code in finding.code
        ],
        "matches": [_match(match) for match in finding.matches],
    }


def _score(score: CvssScore) -> Json:
    return {
        "source": score.source,
        "version": score.version,
        "vector": score.vector or None,
        "score": score.score,
        "severity": score.severity.word,
    }


def _match(match: Match) -> Json:
    return {
        "record": match.record,
        "feed": match.feed,
        "reason": match.reason,
        "status": match.status.value,
        "fixed": list(match.fixed),
    }


def _suppressed(item: Suppressed) -> Json:
    return {
        "by": item.by,
        "reason": item.reason,
        "until": item.until or None,
        "review_by": item.review_by or None,
        "finding": _triaged(item.triaged),
    }


def _uncovered(item: Uncovered) -> Json:
    return {
        "what": item.what,
        "packages": item.packages,
        "reason": item.reason,
        "examples": list(item.examples),
    }


def _feed(feed: Feed) -> Json:
    return {
        "name": feed.name,
        "source": feed.source,
        "date": feed.date or None,
        "imported": feed.imported,
        "records": feed.records,
        "refused": feed.refused,
        "ecosystems": list(feed.ecosystems),
        "partial": feed.partial or None,
    }


def _inventory(inventory: Inventory) -> Json:
    found = inventory.distribution
    return {
        "distribution": None
        if found is None
        else {
            "id": found.id,
            "version_id": found.version_id or None,
            "codename": found.codename or None,
            "name": found.name or None,
        },
        "counts": dict(sorted(inventory.count().items())),
        "packages": [_package(inventory.packages[purl]) for purl in sorted(inventory.packages)],
        "models": [_model(model) for model in inventory.models],
        "unknowns": [
            {"path": unknown.path, "reason": unknown.reason} for unknown in inventory.unknowns
        ],
        "markers": [{"path": marker.path, "effect": marker.effect} for marker in inventory.markers],
    }


def _package(package: Package) -> Json:
    return {
        "purl": package.purl,
        "name": package.name,
        "version": package.version,
        "ecosystem": package.ecosystem.value,
        "presence": package.presence.value,
        "source": package.source or None,
        "architecture": package.architecture or None,
        "licence": package.licence or None,
        "record": package.record,
        "files": len(package.files),
        "evidence": package.evidence or None,
    }


def _model(model: ModelFile) -> Json:
    return {
        "path": model.path,
        "format": model.format.value,
        "size": model.size,
        "facts": [{"name": name, "value": value} for name, value in model.facts],
        "dangerous": list(model.dangerous),
        "problem": model.problem or None,
    }
