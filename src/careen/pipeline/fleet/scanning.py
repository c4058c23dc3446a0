"""A scan of an image that has no evidence, as documents for the store."""

from pathlib import Path

from careen.advisories.database.store import open_store
from careen.model.fleet.facts import Known
from careen.pipeline.findings.finding_policy import FindingPolicy, hear
from careen.pipeline.findings.scan import Given, report_on
from careen.pipeline.findings.scan_outputs import Subject, document
from careen.pipeline.findings.scan_source import open_inventory
from careen.pipeline.findings.vex import subject_of
from careen.pipeline.fleet.facts import digests_of
from careen.pipeline.run.session import session
from careen.pipeline.run.settings import Settings
from careen.report.terminal_output.progress import SilentProgress


def scan_documents(
    subject: str, database: Path, settings: Settings
) -> tuple[Known | None, dict[Path, bytes]]:
    """Return what an image is called, and its SBOM and findings by their places.

    Raises InputError, ImageError, ToolError, or ConfigError without a database.
    """
    # A session of its own: what was unpacked goes before the next image comes.
    with (
        open_store(database) as store,
        session(settings, SilentProgress()) as run,
        open_inventory(subject, run) as stock,
    ):
        report = report_on(Given(None, hear(FindingPolicy())), store, stock)
        about = Subject(subject_of(stock.subject, stock.ref, stock.digest), None, stock.rootfs)
        files = {
            Path(subject, name): document(form, report, about)
            for name, form in (("sbom.cdx.json", "cyclonedx-sbom"), ("findings.json", "json"))
        }
        ref = stock.ref
    if ref is None:
        return None, files
    return Known(tuple(digests_of(ref)), (subject,), ref.platform, ref.diff_ids), files
