"""A damaged report, a foreign file, a wrong key, another image: one line that says what and where,
the documented exit status, and nothing written.
"""

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.cosign import PASSWORD, new_keys
from tests.support.finished_result import FILES, finished_result, result_layout

pytestmark = [pytest.mark.cosign, pytest.mark.slow]

VERIFY = ("verify-evidence", "report", "--key", "cosign.pub")
EXPORT = ("evidence", "export", "report")
ATTEST = ("attest", "report", "--key", "cosign.key")
PAGE = ("report", "report", "-f", "md", "-o", "page.md")
DOCUMENTS = (
    "manifest.json",
    "summary.json",
    "verify.json",
    "rbom.json",
    "plan.json",
    "index.json",
    "adequacy.json",
    "sbom.cdx.json",
    "sbom.spdx.json",
)
BUNDLE = "attestations/provenance.sigstore.json"
FOREIGN = b'{"format": "another", "version": 1}\n'


@pytest.fixture(scope="module")
def careen(tmp_path_factory: pytest.TempPathFactory) -> Careen:
    """A signed report of a run, with its result and its keys."""
    folder = tmp_path_factory.mktemp("careen")
    finished_result(folder)
    new_keys(folder)
    ours = Careen(folder, {**NO_DAEMON, **PASSWORD})
    ours("attest", "report", "--key", "cosign.key")
    return ours


def tree(folder: Path) -> Mapping[str, bytes]:
    """What is in a folder, careen's own state apart."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.is_relative_to(folder / "report")
    }


FAULTS: Mapping[str, Callable[[Path], object]] = {
    "missing": Path.unlink,
    "empty": lambda path: path.write_bytes(b""),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "foreign": lambda path: path.write_bytes(FOREIGN),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", [*DOCUMENTS, BUNDLE])
def test_a_damaged_file_is_named(careen: Careen, name: str, fault: str) -> None:
    report = careen.folder / "report"
    whole = tree(careen.folder)
    path = report / name
    data = path.read_bytes()
    FAULTS[fault](path)
    damaged = tree(careen.folder)
    said = name.removesuffix(".sigstore.json").removeprefix("attestations/")
    try:
        ended = careen.answer(*VERIFY)
        assert ended.status in (1, 3), ended.out
        lines = (ended.out if ended.status == 3 else ended.err).splitlines()
        assert any(said in line for line in lines), lines
        if ended.status == 1:
            assert ended.out == ""
        else:
            assert lines[-1].startswith("NOT verified")
        line = careen.refused(*EXPORT)
        assert said in line or "report of a finished" in line
        if name != BUNDLE:  # it is made again
            line = careen.refused(*ATTEST)
            assert said in line or "report of a finished" in line
            assert (name in careen.refused(*PAGE)) or name in ("sbom.cdx.json", "sbom.spdx.json")
        assert tree(careen.folder) == damaged
        assert not (careen.folder / "evidence.tar.gz").exists()
        assert not (careen.folder / "page.md").exists()
    finally:
        path.write_bytes(data)
    assert tree(careen.folder) == whole


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("make", [pipe, directory])
@pytest.mark.parametrize("name", ["plan.json", BUNDLE])
def test_a_pipe_or_a_folder_in_place_of_a_file_is_named(
    careen: Careen, name: str, make: Callable[[Path], None]
) -> None:
    """A pipe would be waited for, and a folder cannot be replaced by a file."""
    path = careen.folder / "report" / name
    data = path.read_bytes()
    make(path)
    left = tree(careen.folder)
    why = ("why", "oci:result", "/srv/data", "--report-dir", "report")
    try:
        for words in (VERIFY, EXPORT, ATTEST, PAGE, why):
            if words == VERIFY and make is directory:
                out = careen(*words, status=3).out
                assert path.name.removesuffix(".sigstore.json") in out
                assert out.splitlines()[-1].startswith("NOT verified")
            elif name != BUNDLE or words not in (PAGE, why):
                assert path.name in careen.refused(*words), words
        assert tree(careen.folder) == left
    finally:
        path.rmdir() if path.is_dir() else path.unlink()
        path.write_bytes(data)


def test_a_key_that_is_none_is_one_line(careen: Careen) -> None:
    folder = careen.folder
    (folder / "text.pub").write_text("no key\n")
    words = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    made = ("-subj", "/CN=a test", "-keyout", "/dev/null", "-out", str(folder / "old.crt"))
    dates = ("-not_before", "20200101000000Z", "-not_after", "20210101000000Z")
    subprocess.run(  # noqa: TID251
        ["openssl", *words, *made, *dates], check=True, capture_output=True, timeout=60
    )
    before = tree(folder)
    for key in ("none.pub", "text.pub", "old.crt"):
        line = careen.refused("verify-evidence", "report", "--key", key)
        assert line.startswith(f"the key {key} cannot be used: ")
    for key in ("none.key", "text.pub", "cosign.pub"):
        line = careen.refused("attest", "report", "--key", key)
        assert line.startswith(f"the key {key} cannot be used: ")
    assert tree(folder) == before


def test_a_report_of_another_image_is_told(careen: Careen) -> None:
    result_layout(careen.folder / "other", {**FILES, "/srv/data": ("another", None)})
    ended = careen(*VERIFY, "--image", "oci:other", status=3)
    assert "is about sha256:" in ended.out
    assert ended.out.splitlines()[-1].startswith("NOT verified")


def test_documents_of_two_runs_in_one_directory_are_told(careen: Careen, tmp_path: Path) -> None:
    """What is whole and valid, and of another run."""
    finished_result(tmp_path)
    foreign = json.loads((tmp_path / "report" / "rbom.json").read_text())
    foreign["image"]["config_digest"] = "sha256:" + "0" * 64
    path = careen.folder / "report" / "rbom.json"
    data = path.read_bytes()
    path.write_text(json.dumps(foreign))
    try:
        ended = careen(*VERIFY, status=3)
        assert "rbom.json was changed after manifest.json was written" in ended.out
        assert "rbom does not say what the files of the report say" in ended.out
        assert "rbom.json" in careen.refused(*EXPORT)
    finally:
        path.write_bytes(data)
