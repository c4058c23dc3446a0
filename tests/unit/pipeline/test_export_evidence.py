"""What an archive of evidence refuses to hold, without a key."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from careen.errors import InputError
from careen.evidence.attest.bundle import SUFFIX, Signed, written_bundle
from careen.evidence.attest.statement import Statement
from careen.model.attestations.signed import Subject
from careen.model.runs.trace import Use
from careen.pipeline.export_evidence import export_evidence
from careen.pipeline.run.evidence import write_manifest
from careen.pipeline.run.report_documents import ReportDocuments
from careen.pipeline.run.run_documents import run_documents, supported
from tests.support.finished_run import finished_run
from tests.support.summaries import SUMMARY

OWN, OTHER = SUMMARY.hardened.digest, "sha256:" + "0" * 64
PUSHED = "sha256:" + "1" * 64


def signed_run(folder: Path, about: Callable[[str], str], promoted: tuple[str, ...]) -> Path:
    """Return a report with a bundle for each statement, about the digest for its name."""
    report = finished_run(folder, {"/a": ("", Use.OPENED)})
    summary: dict[str, Any] = json.loads((report / "summary.json").read_text())
    (report / "summary.json").write_text(json.dumps({**summary, "promoted": promoted}))
    manifest = replace(ReportDocuments(report).manifest(), promoted=promoted)
    write_manifest(ReportDocuments(report), manifest)
    bundles = report / "attestations"
    bundles.mkdir()
    for name, (kind, said) in supported(run_documents(ReportDocuments(report)), "").items():
        payload = Statement(Subject("r/app", about(name)), kind, said).written()
        (bundles / f"{name}{SUFFIX}").write_bytes(written_bundle(Signed(payload, b"", "")))
    return report


@pytest.mark.parametrize("digest", [OWN, PUSHED])
def test_statements_about_the_result_are_exported(tmp_path: Path, digest: str) -> None:
    places = ("app:hard", f"docker://r/app@{PUSHED}")
    report = signed_run(tmp_path, lambda _: digest, places)
    assert export_evidence(report, tmp_path / "out.tar.gz").digest == OWN


def test_statements_about_another_image_are_refused(tmp_path: Path) -> None:
    report = signed_run(tmp_path, lambda _: OTHER, (f"docker://r/app@{PUSHED}",))
    with pytest.raises(InputError, match=f"is about {OTHER}, and the image is {PUSHED} or {OWN}"):
        export_evidence(report, tmp_path / "out.tar.gz")
    assert not (tmp_path / "out.tar.gz").exists()


def test_a_result_that_was_pushed_later_has_one_digest(tmp_path: Path) -> None:
    """`--attach` compared its configuration; the run knows no manifest of it."""
    report = signed_run(tmp_path, lambda _: PUSHED, ("app:hard",))
    export_evidence(report, tmp_path / "out.tar.gz")


def test_statements_about_two_images_are_refused(tmp_path: Path) -> None:
    report = signed_run(
        tmp_path, lambda name: OTHER if name == "provenance" else PUSHED, ("app:hard",)
    )
    with pytest.raises(InputError, match=f"provenance{SUFFIX}': is about {OTHER}"):
        export_evidence(report, tmp_path / "out.tar.gz")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("notes.txt", "remove it"),
        (f"another{SUFFIX}", "sign the directory again with `careen attest`"),
    ],
)
def test_the_advice_on_a_stray_file_helps(tmp_path: Path, name: str, advice: str) -> None:
    report = signed_run(tmp_path, lambda _: OWN, ("app:hard",))
    (report / "attestations" / name).write_bytes(b"{}")
    with pytest.raises(InputError, match=f"is no statement that this report supports; {advice}"):
        export_evidence(report, tmp_path / "out.tar.gz")
