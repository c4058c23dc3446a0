"""SBOM and RBOM beside the bytes of the image that they are about."""

import json
from pathlib import Path
from typing import Any

import pytest
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from careen.model.runs.trace import Use
from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.cosign import OFFLINE, PASSWORD, cosign, new_keys
from tests.support.finished_result import FILES, SITE, close_again, finished_result, result_layout
from tests.support.images import file, layer, oci_layout
from tests.tool.test_attestations import assert_valid

pytestmark = [pytest.mark.cosign, pytest.mark.slow]

ABOUT = ("verify-evidence", "report", "--key", "cosign.pub", "--image")


@pytest.fixture
def careen(tmp_path: Path) -> Careen:
    """A signed report of a run, with its result and its keys."""
    folder = tmp_path / "careen"
    folder.mkdir()
    finished_result(folder)
    new_keys(folder)
    ours = Careen(folder, {**NO_DAEMON, **PASSWORD})
    ours("attest", "report", "--key", "cosign.key")
    return ours


def changed(careen: Careen, path: str, text: str) -> str:
    """Write the result with another content of one file, and return its name."""
    files: dict[str, tuple[str, Use | None]] = {**FILES, path: (text, None)}
    result_layout(careen.folder / "other", files)
    return "oci:other"


def resigned(careen: Careen, name: str, document: Any) -> None:
    """Write another document as if the run had, and sign all again."""
    report = careen.folder / "report"
    (report / name).write_text(json.dumps(document))
    summary = json.loads((report / "summary.json").read_text())
    close_again(report, summary["hardened"]["digest"])
    careen("attest", "report", "--key", "cosign.key")


def test_what_is_in_the_image_is_in_the_documents(careen: Careen) -> None:
    ended = careen(*ABOUT, "oci:result", "--require", "sbom,spdx,rbom", "--json")
    assert_valid("evidence", ended.document)
    assert ended.document["passed"]
    assert ended.document["problems"] == []
    assert ended.document["image"] == {
        "components": {"sbom": 1, "spdx": 1},
        "files_same": 5,
        "files_rewritten": 0,
        "files_absent": 1,
    }
    assert {"spdx", "sbom"} <= {each["name"] for each in ended.document["attestations"]}
    said = careen(*ABOUT, "oci:result").out
    assert "rbom: 5 files the same, 0 rewritten (not compared), 1 absent as planned" in said


@pytest.mark.parametrize(
    ("path", "text"),
    [("/srv/data", "what it READS"), ("/usr/bin/run", "#!/bin/sh\necho more\n")],
)
def test_a_changed_file_is_named(careen: Careen, path: str, text: str) -> None:
    ended = careen(*ABOUT, changed(careen, path, text), status=3)
    assert f"rbom: {path} has another content than the RBOM says" in ended.out
    assert "sbom:" not in ended.out.replace("sbom: 1 components", "")
    # by its digest, too
    assert "is about sha256:" in ended.out


def test_a_missing_and_a_returned_file_are_named(careen: Careen) -> None:
    kept = [file(path[1:], text) for path, (text, _) in FILES.items() if path != "/srv/data"]
    oci_layout(careen.folder / "other", [layer(*kept)])
    ended = careen(*ABOUT, "oci:other", status=3)
    assert "rbom: /srv/data is not in the image, and the plan keeps it" in ended.out
    assert "rbom: /gone/used is in the image, and the plan removes it" in ended.out


def test_another_version_of_a_package_is_named_in_both_sboms(careen: Careen) -> None:
    metadata = f"{SITE}/shop-1.0.dist-info/METADATA"
    other = changed(careen, metadata, FILES[metadata][0].replace("Version: 1.0", "Version: 1.1"))
    ended = careen(*ABOUT, other, status=3)
    for name in ("sbom", "spdx"):
        assert f"{name}: lists pkg:pypi/shop@1.0, which the image does not have" in ended.out
        assert f"{name}: does not list pkg:pypi/shop@1.1, which the image has" in ended.out


def test_an_sbom_that_lists_another_package_is_found_though_it_is_signed(careen: Careen) -> None:
    sbom = json.loads((careen.folder / "report" / "sbom.cdx.json").read_text())
    sbom["components"].append(
        {"type": "library", "name": "ghost", "version": "1", "purl": "pkg:pypi/ghost@1"}
    )
    resigned(careen, "sbom.cdx.json", sbom)
    ended = careen(*ABOUT, "oci:result", status=3)
    assert "sbom: lists pkg:pypi/ghost@1, which the image does not have" in ended.out
    assert "spdx: lists" not in ended.out
    # without the image nothing is wrong: the signature is of the document as it is
    careen(*ABOUT[:-1])


def test_many_disagreements_are_counted(careen: Careen) -> None:
    spdx = json.loads((careen.folder / "report" / "sbom.spdx.json").read_text())
    spdx["packages"] = [
        {"SPDXID": f"SPDXRef-{at}", "name": f"ghost{at:02}", "versionInfo": "1"} for at in range(50)
    ]
    resigned(careen, "sbom.spdx.json", spdx)
    lines = careen(*ABOUT, "oci:result", status=3).out.splitlines()
    assert len([line for line in lines if "spdx: " in line and "ghost" in line]) == 20
    assert any("31 more disagreements with the image" in line for line in lines)


def test_spdx_is_valid_and_cosign_accepts_its_attestation(careen: Careen) -> None:
    document = parse_file(str(careen.folder / "report" / "sbom.spdx.json"))
    assert [each.validation_message for each in validate_full_spdx_document(document)] == []
    manifest = json.loads((careen.folder / "result" / "index.json").read_text())["manifests"][0]
    blob = careen.folder / "result" / "blobs" / manifest["digest"].replace(":", "/")
    cosign(
        "verify-blob-attestation",
        "--key",
        "cosign.pub",
        "--bundle",
        "report/attestations/spdx.sigstore.json",
        *OFFLINE,
        "--type",
        "spdxjson",
        blob,
        folder=careen.folder,
    )


def test_an_image_that_cannot_be_opened_is_one_line(careen: Careen) -> None:
    assert "not a directory with an OCI image layout" in careen.refused(*ABOUT, "oci:none")
    (careen.folder / "report" / "index.json").write_text("{")
    assert "index" in careen.refused(*ABOUT, "oci:result")
