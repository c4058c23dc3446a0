"""Writer of a scan's findings as a CycloneDX 1.6 document."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component
from cyclonedx.model.lifecycle import LifecyclePhase, PredefinedLifecycle

from careen.evidence.cyclonedx.component import (
    package_components,
    subject_component,
    system_component,
)
from careen.evidence.cyclonedx.document import (
    NO_SERIAL,
    NO_TIME,
    Contents,
    careen_property,
    document_bytes,
    tools,
)
from careen.evidence.cyclonedx.vulnerability import vulnerability
from careen.model.findings.finding import Finding
from careen.model.findings.triage import ScanReport, Suppressed, Triaged
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ROOT

_PURL_TYPE = re.compile(r"pkg:(?P<type>[a-z0-9.+-]+)/")
_ECOSYSTEMS = {ecosystem.value: ecosystem for ecosystem in Ecosystem}


def to_cyclonedx_findings(report: ScanReport) -> bytes:
    """Return the JSON document; equal reports give the same bytes.

    Each identifier has one vulnerability that `affects` all packages with it; aliases are
    `references`. `analysis` states only what was verified: `not_affected` with `code_not_present`
    if no affected file is left, `in_triage` with the observation if there is a profile. Tier,
    priority and reasons are properties (docs/sbom.md lists them).
    """
    system = report.inventory.distribution
    model = Bom(
        serial_number=NO_SERIAL,
        metadata=BomMetaData(
            timestamp=NO_TIME,
            lifecycles=[PredefinedLifecycle(LifecyclePhase.POST_BUILD)],
            tools=tools(),
            component=subject_component(report.subject, report.digest),
            properties=list(_facts(report)),
        ),
        vulnerabilities=[
            vulnerability(group, profiled=report.observed is not None)
            for group in _by_identifier(report)
        ],
    )
    components = [
        *([system_component(system)] if system is not None else []),
        *_components(report),
    ]
    return document_bytes(model, Contents(components), report.created, "findings")


def _all(report: ScanReport) -> Iterator[tuple[Triaged, Suppressed | None]]:
    yield from ((item, None) for item in report.findings)
    yield from ((item.triaged, item) for item in report.suppressed)


def _by_identifier(report: ScanReport) -> Iterable[Sequence[tuple[Triaged, Suppressed | None]]]:
    groups: dict[str, list[tuple[Triaged, Suppressed | None]]] = {}
    for item, suppressed in _all(report):
        groups.setdefault(item.finding.id, []).append((item, suppressed))
    return groups.values()


def _components(report: ScanReport) -> list[Component]:
    """Return the inventory, and the packages that only a foreign report names."""
    known: Inventory = report.inventory
    foreign_findings = {
        item.finding.package: item.finding
        for item, _ in _all(report)
        if item.finding.package not in known.packages
    }
    packages = dict(known.packages)
    for purl, finding in foreign_findings.items():
        packages[purl] = _foreign_package(finding)
    return package_components(replace(known, packages=packages))


def _foreign_package(finding: Finding) -> Package:
    match = _PURL_TYPE.match(finding.package)
    ecosystem = (
        _ECOSYSTEMS.get(match["type"], Ecosystem.GENERIC)
        if match is not None
        else Ecosystem.GENERIC
    )
    return Package(
        ecosystem,
        finding.name,
        finding.version,
        finding.package,
        ROOT,
        (),
        evidence="named by the report",
    )


def _facts(report: ScanReport) -> Iterator[Property]:
    yield careen_property("origin", report.origin)
    for feed in report.feeds:
        yield careen_property(
            "feed",
            json.dumps(
                {
                    "name": feed.name,
                    "date": feed.date,
                    "source": feed.source,
                    "imported": feed.imported,
                }
            ),
        )
    for item in report.uncovered:
        yield careen_property(
            "uncovered",
            json.dumps({"what": item.what, "packages": item.packages, "reason": item.reason}),
        )
    for unknown in report.inventory.unknowns:
        yield careen_property(
            "unknown", json.dumps({"path": unknown.path, "reason": unknown.reason})
        )
    for warning in report.warnings:
        yield careen_property("warning", warning)
    if report.observed is not None:
        observed = report.observed
        seen = {"lost": observed.completeness.lost, "incomplete": observed.completeness.sentence()}
        facts = {
            "workloads": observed.workloads,
            "seconds": round(observed.seconds, 3),
            **seen,
            "exact": observed.exact,
        }
        yield careen_property("observed", json.dumps(facts))
