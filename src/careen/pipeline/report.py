"""Make a page or a text of a report directory, for people to read; no image is opened."""

from pathlib import Path

from careen.errors import InputError
from careen.inventory.index import ImageIndex, load_index
from careen.model.packages.package import Inventory
from careen.model.plan import Plan
from careen.model.rbom import RuntimeBom
from careen.oci.tree.rootfs import Rootfs
from careen.pipeline.run import report_documents as names
from careen.pipeline.run.evidence import require_unchanged
from careen.pipeline.run.report_documents import ReportDocuments
from careen.pipeline.run.run_documents import assessments_of_result, fips_of_result
from careen.plan.store import load_plan
from careen.rbom.store import load_rbom
from careen.report.finished.facts import ReportFacts


def read_report(directory: Path) -> ReportFacts:
    """Return the documents of a report that `careen harden` wrote.

    Raises InputError if the directory is none of a finished run, or holds documents of different
    runs; ConfigError for a damaged document.
    """
    read = ReportDocuments(directory)
    facts = read_documents(read)  # first: its messages name the document
    require_unchanged(read, read.manifest())
    return facts


def read_documents(read: ReportDocuments) -> ReportFacts:
    """Return the documents of a run, with or without a manifest. Raises as `read_report`."""
    read.require_finished()
    plan, bom, index = read_plan_of(read.directory)
    return facts_of(read, plan, bom, index.rootfs, index.inventory)


def read_plan_of(directory: Path) -> tuple[Plan, RuntimeBom, ImageIndex]:
    """Return plan, RBOM and index of a report.

    Raises InputError if they are of different images, ConfigError for a damaged document.
    """
    plan, bom = load_plan(directory / names.PLAN), load_rbom(directory / names.RBOM)
    index = load_index(directory / names.INDEX)
    if not plan.image.config_digest == bom.image.config_digest == index.ref.config_digest:
        msg = f"{str(directory)!r}: plan, RBOM and index are of different images; harden it again"
        raise InputError(msg)
    return plan, bom, index


def facts_of(
    read: ReportDocuments, plan: Plan, bom: RuntimeBom, rootfs: Rootfs, inventory: Inventory
) -> ReportFacts:
    """Return what a page shows, with the other documents of the directory.

    Raises ConfigError for a damaged document.
    """
    summary = read.summary()
    verify, adequacy = map(read.document, (names.VERIFY, names.ADEQUACY))
    findings = read.optional(names.FINDINGS)
    for other in (names.PLAN, names.RBOM, names.INDEX):
        read.note(other)
    compliance = assessments_of_result(read, summary)
    return ReportFacts(
        *(summary, verify, adequacy, findings, plan, bom, rootfs, inventory, read.digests),
        compliance=compliance,
        fips=fips_of_result(read, summary),
    )
