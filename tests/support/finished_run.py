"""The report directory of a finished run, made of the documents as careen writes them."""

import hashlib
from dataclasses import replace
from pathlib import Path

from careen.evidence.directory.manifest import Manifest, policy_of
from careen.inventory.index import write_index
from careen.inventory.scan import scan
from careen.model.adequacy import Adequacy, Part
from careen.model.history import Named
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan, Reason
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Use
from careen.model.runs.workload import TestCommand, TestPlace, TestResult, WorkloadResult
from careen.model.verdict import Verdict
from careen.oci.open import open_image
from careen.oci.reference import OciLayout
from careen.pipeline.run.evidence import write_manifest
from careen.pipeline.run.report_documents import ReportDocuments
from careen.plan.store import write_plan
from careen.rbom.store import write_rbom
from careen.report.documents.adequacy import adequacy_json
from careen.report.documents.summary import summary_json
from careen.report.documents.verify import verify_json
from tests.support.images import file, layer, oci_layout
from tests.support.summaries import SUMMARY
from tests.support.triage import bom, use

UNKNOWN = Part("saturation", "saturation", None, None, None, why="only 3 requests, of at least 5")

RUN = WorkloadResult(
    "default",
    True,
    "",
    "tests",
    (TestResult(TestCommand(TestPlace.HOST, "pytest -q"), True, 0, 12.0, 15, "15 passed\n", ""),),
    3.25,
    20.0,
    "listening\n",
    0,
)


def _with_contents(seen: RuntimeBom, files: dict[str, tuple[str, Use | None]]) -> RuntimeBom:
    """Return an RBOM with the digests and sizes of its files."""
    used = []
    for each in seen.files:
        data = files[each.path][0].encode()
        digest = hashlib.sha256(data).hexdigest()
        used.append(replace(each, sha256=digest, size=len(data)))
    return replace(seen, files=tuple(used))


def finished_run(folder: Path, files: dict[str, tuple[str, Use | None]]) -> Path:
    """Write the report of a run on an image of these files (path: content, strongest use; None for
    one that was not used); a path that begins with /gone is removed. Return its directory.
    """
    tar = layer(*(file(path.removeprefix("/"), text) for path, (text, _) in files.items()))
    oci_layout(folder / "image", [tar])
    report = folder / "report"
    report.mkdir()
    with open_image(OciLayout(folder / "image"), None, folder) as image:
        rootfs = image.rootfs()
        inventory = scan(rootfs)
        used = {path: use(kind) for path, (_, kind) in files.items() if kind is not None}
        seen = _with_contents(bom(used, image=image.ref), files)
        keep: dict[ImagePath, Reason] = {}
        remove: dict[ImagePath, Reason] = {}
        for entry in rootfs:
            gone = entry.path.startswith("/gone")
            reason = Reason("unused", "nothing uses it") if gone else Reason("observed", "opened")
            (remove if gone else keep)[entry.path] = reason
        plan = Plan(image.ref, Level.CLOSURE, keep, remove, {}, "b" * 64)
        (report / "index.json").write_bytes(write_index(rootfs, inventory, image.ref))
    written = write_plan(plan)
    (report / "plan.json").write_bytes(written)
    (report / "rbom.json").write_bytes(write_rbom(seen))
    (report / "verify.json").write_bytes(verify_json(Verdict((RUN,), (RUN,))))
    adequacy = Adequacy(None, "the tests are few", (UNKNOWN,))
    (report / "adequacy.json").write_bytes(adequacy_json(adequacy))
    summary = replace(SUMMARY, plan_sha256=hashlib.sha256(written).hexdigest())
    (report / "summary.json").write_bytes(summary_json(summary))
    manifest = Manifest(
        "0.0.0",
        Named(SUMMARY.original.reference, SUMMARY.original.digest),
        Named(SUMMARY.hardened.reference, SUMMARY.hardened.digest),
        SUMMARY.promoted,
        "2026-08-24T09:00:00Z",
        "2026-08-24T09:03:00Z",
        policy_of({"level": "closure"}),
    )
    write_manifest(ReportDocuments(report), manifest)
    return report
