"""A finished run with its result: the image that the plan leaves, and the SBOMs of it."""

import json
from dataclasses import replace
from pathlib import Path

from careen.evidence.sbom.cyclonedx import to_cyclonedx_sbom
from careen.evidence.sbom.spdx import to_spdx_sbom
from careen.inventory.scan import scan, scan_contents
from careen.model.runs.trace import Use
from careen.oci.open import open_image
from careen.oci.reference import OciLayout
from careen.pipeline.run.evidence import write_manifest
from careen.pipeline.run.report_documents import ReportDocuments
from tests.support.finished_run import finished_run
from tests.support.images import file, layer, oci_layout

CREATED = "2026-11-30T10:00:00Z"
SITE = "/usr/lib/python3.13/site-packages"
FILES: dict[str, tuple[str, Use | None]] = {
    "/usr/bin/run": ("#!/bin/sh\n", Use.EXECUTED),
    "/srv/data": ("what it reads", Use.OPENED),
    "/srv/idle": ("what it does not read", None),
    "/gone/used": ("removed by the user's wish", Use.OPENED),
    f"{SITE}/shop-1.0.dist-info/METADATA": (
        "Metadata-Version: 2.1\nName: shop\nVersion: 1.0\n",
        Use.OPENED,
    ),
    f"{SITE}/shop-1.0.dist-info/RECORD": ("shop.py,,\n", Use.OPENED),
    f"{SITE}/shop.py": ("import os\n", Use.OPENED),
}


def result_layout(place: Path, files: dict[str, tuple[str, Use | None]]) -> Path:
    """Write the image that is left of these files: without those below /gone."""
    kept = (file(path[1:], text) for path, (text, _) in files.items() if path[:5] != "/gone")
    return oci_layout(place, [layer(*kept)])


def finished_result(folder: Path) -> Path:
    """Write report/ and result/ of a run on `FILES` into a folder; return the report."""
    report = finished_run(folder, FILES)
    layout = result_layout(folder / "result", FILES)
    with open_image(OciLayout(layout), None, folder) as image:
        rootfs, digest = image.rootfs(), image.ref.digest
        inventory = scan_contents(rootfs, scan(rootfs))
    name = "wl/embed:hardened"
    sboms = {
        "sbom.cdx.json": to_cyclonedx_sbom(name, digest, inventory, created=CREATED),
        "sbom.spdx.json": to_spdx_sbom(name, digest, inventory, created=CREATED),
    }
    summary = json.loads((report / "summary.json").read_text())
    summary["hardened"]["digest"] = digest
    for each, data in sboms.items():
        (report / each).write_bytes(data)
    (report / "summary.json").write_text(json.dumps(summary))
    close_again(report, digest)
    return report


def close_again(report: Path, digest: str) -> None:
    """Write the manifest of what is in a report now, as of a run whose result has this digest."""
    read = ReportDocuments(report)
    manifest = read.manifest()
    write_manifest(read, replace(manifest, result=replace(manifest.result, digest=digest)))
