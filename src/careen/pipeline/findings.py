"""Findings before and after: what is known against the original, and what of it is left in the hardened image."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from careen.advisories.match import match
from careen.advisories.store import Store
from careen.evidence.vex_statements import Hardening, statements
from careen.evidence.vex_subject import Scan
from careen.evidence.vex_write_openvex import Authorship, to_openvex
from careen.inventory.scan import take_stock
from careen.inventory.unowned import unowned
from careen.model.findings_count import FindingsCount
from careen.model.package import Inventory
from careen.model.rbom import RuntimeBom
from careen.model.triage import ScanReport, Suppressed, Tier
from careen.oci.rootfs import Rootfs
from careen.pipeline.judgement import Heard
from careen.pipeline.moment import now
from careen.pipeline.scan import suppress
from careen.pipeline.stock import Stock
from careen.pipeline.verify import Candidate
from careen.pipeline.vex import AUTHOR, code_files, subject_of
from careen.report.scan_json import to_scan_json
from careen.triage.accounting import after, count
from careen.triage.policy import crossed, let_through
from careen.triage.triage import observed_by, triage

DOCUMENTS = ("findings.json", "findings-hardened.json", "vex.openvex.json", "sbom.cdx.json")
_EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Findings:
    """Both sides of one hardening. The counts leave nothing out; `crossed` are thresholds that the hardened image crosses by what is left and not suppressed.

    `documents` are what the report directory gets, by name.
    """

    original: FindingsCount
    hardened: FindingsCount
    crossed: tuple[str, ...]
    notes: tuple[str, ...]
    documents: Mapping[str, bytes]


def compare_findings(candidate: Candidate, bom: RuntimeBom, name: str, store: Store, heard: Heard) -> Findings:
    """Match the original, triage by what was observed of it, and follow each finding into the hardened image, called `name`.

    A finding leaves only when its files are gone or the version that was read back is fixed.
    """
    before, result = candidate.original, candidate.result
    stock, left = take_stock(before.rootfs, before.inventory), take_stock(result.rootfs, result.inventory)
    matched, still = match(stock, store), match(left, store)
    observed = observed_by(bom, before.image.ref)
    items = triage(matched.findings, stock, bom, before.image.ref, before.rootfs)
    paths = frozenset(entry.path for entry in result.rootfs)
    remaining = after(items, stock, left, paths, still.findings)
    facts = Hardening(stock, left, paths, still.findings, observed, code_files())
    subject = subject_of(name, result.image.ref)
    stated = statements(items, facts, subject, Scan.LOCAL)  # the document lies in this image's own report, and the image in no registry yet
    feeds = store.feeds()
    common = ScanReport(before.image.reference, before.image.ref.digest, stock, items, feeds, now(), uncovered=matched.uncovered, observed=observed)
    report = _completed(common, before.rootfs, matched.problems)
    there = tuple(item for item in remaining if item.tier is not Tier.REMOVED)
    judged = suppress(there, heard, Stock(name, result.image.ref.digest, left, result.image.ref, result.rootfs))
    present, suppressed = judged.findings, judged.suppressed
    warnings = (*heard.problems, *judged.warnings, *let_through(present, heard.fail_on, observed))
    gates = crossed(present, heard.fail_on, observed, feeds)
    hardened = replace(
        common,
        subject=name,
        digest=result.image.ref.digest,
        inventory=left,
        findings=remaining,
        uncovered=still.uncovered,
        suppressed=suppressed,
        crossed=gates,
    )
    return Findings(
        original=count(items, feeds),
        hardened=count(remaining, feeds),
        crossed=gates,
        notes=(*warnings, *_notes(suppressed, stock)),
        documents={
            "findings.json": to_scan_json(report),
            "findings-hardened.json": to_scan_json(_completed(hardened, result.rootfs, (*still.problems, *warnings))),
            "sbom.cdx.json": _sbom(name, result.image.ref.digest, left),
            **({"vex.openvex.json": to_openvex(stated, subject, Authorship(AUTHOR, now()))} if stated else {}),
        },
    )


def _completed(report: ScanReport, rootfs: Rootfs, warnings: tuple[str, ...]) -> ScanReport:
    nobody = unowned(rootfs, report.inventory)
    return replace(report, unowned=len(nobody), unowned_examples=nobody[:_EXAMPLES], warnings=warnings)


def _notes(suppressed: tuple[Suppressed, ...], stock: Inventory) -> tuple[str, ...]:
    out = [f"{marker.path}: {marker.effect}" for marker in stock.markers]
    if suppressed:
        out.append(f"{len(suppressed):,} findings are counted, but no gate heeds them: {suppressed[0].by}: {suppressed[0].reason}")
    return tuple(out)


def _sbom(name: str, digest: str, inventory: Inventory) -> bytes:
    from careen.evidence.sbom_cyclonedx import to_cyclonedx_sbom

    return to_cyclonedx_sbom(name, digest, inventory, created=now())
