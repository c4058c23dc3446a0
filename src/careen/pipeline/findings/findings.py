"""Findings of the original, and of the image made from it by hardening or patching."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from careen.advisories.database.store import Store
from careen.advisories.matching.match import match
from careen.evidence.vex.statements import Hardening, statements
from careen.evidence.vex.subject import Scan
from careen.evidence.vex.write_openvex import Authorship, to_openvex
from careen.inventory.scan import scan_contents
from careen.inventory.search_memory import SearchMemory
from careen.model.findings.finding import Finding
from careen.model.findings.findings_count import FindingsCount
from careen.model.findings.triage import ObservedBy, ScanReport, Suppressed, Tier, Triaged
from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath
from careen.model.plan import Plan
from careen.model.rbom import ImageRef, RuntimeBom
from careen.pipeline.findings.contents import Contents
from careen.pipeline.findings.finding_policy import Heard
from careen.pipeline.findings.scan import suppress
from careen.pipeline.findings.scan_source import Stock, with_unowned
from careen.pipeline.findings.vex import AUTHOR, code_files, subject_of
from careen.pipeline.run.settings import Destination
from careen.pipeline.run.source import Examined
from careen.pipeline.run.timestamp import now
from careen.registries.deliver import Packed
from careen.report.documents.scan import to_scan_json
from careen.triage.accounting import after, count
from careen.triage.parts import Parts
from careen.triage.policy import crossed, exempt_unrated
from careen.triage.triage import observed_by, triage
from careen.triage.unanswered import unanswered, unseen

DOCUMENTS = (
    "findings.json",
    "findings-hardened.json",
    "vex.openvex.json",
    "sbom.cdx.json",
    "sbom.spdx.json",
)


@dataclass(frozen=True, slots=True)
class Findings:
    """Findings before and after one hardening or patching.

    The counts include suppressed findings; `crossed` thresholds ignore them. `documents` go to the
    report directory, by name. `stock` is the inventory of the new image.
    """

    original: FindingsCount
    hardened: FindingsCount
    crossed: tuple[str, ...]
    notes: tuple[str, ...]
    documents: Mapping[str, bytes]
    stock: Inventory


@dataclass(frozen=True, slots=True)
class Known:
    """Findings of one image, triaged; `observed` is None if it was not profiled.

    `memory` has what was found in the files of the open image.
    """

    stock: Inventory
    items: tuple[Triaged, ...]
    observed: ObservedBy | None
    report: ScanReport
    memory: SearchMemory | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """Findings of an image, followed into the result of a run.

    `remaining` are all of them, those whose files are gone too; `still` are the result's own.
    """

    report: ScanReport
    remaining: tuple[Triaged, ...]
    still: tuple[Finding, ...]
    paths: frozenset[ImagePath]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A new image and its future name; `report` is the file name of its findings.

    `digest` is of its manifest in the registry that it goes to, "" without one. `scan` says how
    scanners will find it.
    """

    result: Examined
    name: str
    report: str
    digest: str
    scan: Scan

    @property
    def ref(self) -> ImageRef:
        """Its identity, with the digest that a registry will know."""
        ref = self.result.image.ref
        return replace(ref, manifest_digest=self.digest or ref.manifest_digest)


def made_for(
    result: Examined,
    destination: Destination,
    packed: Packed | None,
    report: str = "findings-hardened.json",
) -> Made:
    """Return a new image under its future name; `packed` is what will be pushed of it."""
    digest = "" if packed is None else str(packed.digest)
    # A registry's scanners know the digest; in a store or file, they know only the tag.
    scan = Scan.REGISTRY if digest and destination.is_registry_alone else Scan.LOCAL
    return Made(result, destination.describe()[0], report, digest, scan)


def match_original(contents: Contents, bom: RuntimeBom | None, store: Store) -> Known:
    """Match the original with the advisories, and triage by the RBOM if there is one."""
    ref, rootfs = contents.examined.image.ref, contents.examined.rootfs
    stock = Stock(ref.reference, ref.digest, contents.stock(), ref, rootfs)
    return replace(match_stock(stock, bom, store), memory=contents.memory)


def match_stock(stock: Stock, bom: RuntimeBom | None, store: Store) -> Known:
    """Match a stored inventory with the advisories, and triage by the RBOM if there is one."""
    inventory, ref = stock.inventory, stock.ref
    matched = match(inventory, store)
    observed = observed_by(bom, ref) if bom is not None else None
    items = triage(matched.findings, inventory, bom, ref, stock.rootfs, feeds=store.feeds())
    report = ScanReport(
        stock.subject,
        stock.digest,
        inventory,
        items,
        store.feeds(),
        now(),
        uncovered=matched.uncovered,
        observed=observed,
        warnings=matched.problems,
    )
    return Known(
        inventory,
        items,
        observed,
        report if stock.rootfs is None else with_unowned(report, stock.rootfs),
    )


def thresholds_crossed_by_plan(
    known: Known, original: Examined, plan: Plan, heard: Heard
) -> tuple[str, ...]:
    """Return the thresholds that the hardened image will cross if it is as planned."""
    # Stripping upgrades nothing, so the findings of the kept files are known.
    remaining = after(known.items, known.stock, known.stock, frozenset(plan.keep))
    there = tuple(item for item in remaining if item.tier is not Tier.REMOVED)
    ref = original.image.ref
    present = suppress(
        there, heard, Stock(ref.reference, ref.digest, known.stock, ref, original.rootfs)
    ).findings
    open_ = unanswered(heard.fail_on, known.report.compared)
    return (*open_, *crossed(present, heard.fail_on, known.observed, known.report.feeds))


def compare_findings(
    known: Known, made: Made, store: Store, heard: Heard, patched: Known | None = None
) -> Findings:
    """Follow each finding of the original into the new image.

    A finding is closed only if its files are gone or the version read back is fixed. `patched` are
    the findings of the image that was patched first, and then profiled and stripped. They are
    followed from there, and what the patch closed is stated in VEX, too.
    """
    result, ref = made.result, made.ref
    near = patched if patched is not None else known
    left = scan_contents(result.rootfs, result.inventory, near.memory)
    followed = follow(near, Stock(made.name, ref.digest, left, ref, result.rootfs), store, heard)
    paths, hardened = followed.paths, followed.report
    subject = subject_of(made.name, ref)
    facts = Hardening(
        near.stock,
        left,
        paths,
        followed.still,
        near.observed,
        code_files(),
        Parts(left).lacking,
    )
    stated = statements(near.items, facts, subject, made.scan)
    if patched is not None:
        closed = _closed(known, patched)
        stated = (
            *stated,
            *statements(
                closed, replace(facts, original=known.stock, observed=None), subject, made.scan
            ),
        )
    return Findings(
        original=count(known.items, known.report),
        hardened=count(followed.remaining, hardened),
        crossed=hardened.crossed,
        notes=(*followed.warnings, *_notes(hardened.suppressed, near.stock)),
        documents={
            made.report: to_scan_json(hardened),
            **_sboms(made.name, ref.digest, left),
            **(
                {"vex.openvex.json": to_openvex(stated, subject, Authorship(AUTHOR, now()))}
                if stated
                else {}
            ),
        },
        stock=left,
    )


def follow(near: Known, left: Stock, store: Store, heard: Heard) -> Followed:
    """Follow the findings of an image into a result with these packages and paths."""
    rootfs = left.rootfs
    if rootfs is None:
        msg = "the paths of a result are needed to follow findings into it"
        raise AssertionError(msg)
    still = match(left.inventory, store)
    paths = frozenset(entry.path for entry in rootfs)
    remaining = after(near.items, near.stock, left.inventory, paths, still.findings)
    there = tuple(item for item in remaining if item.tier is not Tier.REMOVED)
    judged = suppress(there, heard, left)
    feeds, compared = near.report.feeds, near.report.compared
    warnings = (
        *heard.problems,
        *judged.warnings,
        *exempt_unrated(judged.findings, heard.fail_on, near.observed),
        *unseen(heard.fail_on, compared),
    )
    gates = (
        *unanswered(heard.fail_on, compared),
        *crossed(judged.findings, heard.fail_on, near.observed, feeds),
    )
    report = replace(
        near.report,
        subject=left.subject,
        digest=left.digest,
        inventory=left.inventory,
        findings=judged.findings,
        suppressed=judged.suppressed,
        uncovered=still.uncovered,
        crossed=gates,
        warnings=(*still.problems, *warnings),
    )
    return Followed(with_unowned(report, rootfs), remaining, still.findings, paths, warnings)


def _closed(known: Known, patched: Known) -> tuple[Triaged, ...]:
    """Return the original's findings that the patched image no longer has for the same purl."""
    left = {
        (item.finding.package, name) for item in patched.items for name in item.finding.identifiers
    }
    return tuple(
        item
        for item in known.items
        if not any((item.finding.package, name) in left for name in item.finding.identifiers)
    )


def _notes(suppressed: tuple[Suppressed, ...], stock: Inventory) -> tuple[str, ...]:
    out = [f"{marker.path}: {marker.effect}" for marker in stock.markers]
    if suppressed:
        out.append(
            f"{len(suppressed):,} findings are counted, but by no gate: {suppressed[0].by}:"
            f" {suppressed[0].reason}"
        )
    return tuple(out)


def _sboms(name: str, digest: str, inventory: Inventory) -> Mapping[str, bytes]:
    from careen.evidence.sbom.cyclonedx import to_cyclonedx_sbom
    from careen.evidence.sbom.spdx import to_spdx_sbom

    created = now()
    return {
        "sbom.cdx.json": to_cyclonedx_sbom(name, digest, inventory, created=created),
        # Without checksums it lists packages alone: SHA-1 of all files would take another reading.
        "sbom.spdx.json": to_spdx_sbom(name, digest, inventory, created=created),
    }
