"""The evidence of a run as an auditor gets it: an archive, a key, and the steps of docs/verify.md,
followed to the letter with the system's Python and openssl, without careen.
"""

import hashlib
import json
import os
import re
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from careen.evidence.directory.layout import FORMATS
from careen.model.runs.trace import Use
from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.cosign import PASSWORD, new_keys
from tests.support.finished_run import finished_run

pytestmark = [pytest.mark.cosign, pytest.mark.slow]

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "verify.md").read_text(encoding="utf-8")
CHECK, CHAIN = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
UNPACK, RUN_CHECK, RUN_CHAIN = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def careen(tmp_path: Path) -> Careen:
    folder = tmp_path / "careen"
    folder.mkdir()
    finished_run(folder, {"/a": ("", Use.OPENED)})
    new_keys(folder)
    made = Careen(folder, {**NO_DAEMON, **PASSWORD})
    made("attest", "report", "--key", "cosign.key")
    return made


def shell(command: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a step of the page with nothing of careen's environment."""
    return subprocess.run(  # noqa: TID251
        ["/bin/sh", "-c", command],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture
def unpacked(careen: Careen, tmp_path: Path) -> Path:
    """The folder of the auditor, with the archive unpacked and both programs saved."""
    ended = careen("evidence", "export", "report", "--for", "auditor", "--json")
    assert_valid("evidence-export", ended.document)
    packed = careen.folder / "evidence.tar.gz"
    assert ended.document["sha256"] == hashlib.sha256(packed.read_bytes()).hexdigest()
    return unpack(packed, careen.folder / "cosign.pub", tmp_path)


def unpack(packed: Path, key: Path, tmp_path: Path) -> Path:
    """Follow the first step of the page, and return the folder in which the commands are given."""
    auditor = tmp_path / "auditor"
    auditor.mkdir()
    (auditor / "cosign.pub").write_bytes(key.read_bytes())
    (auditor / "evidence.tar.gz").write_bytes(packed.read_bytes())
    (auditor / "check.py").write_text(CHECK)
    (auditor / "chain.py").write_text(CHAIN)
    done = shell(UNPACK, auditor)
    assert done.returncode == 0, done.stderr
    return auditor


def assert_valid(name: str, document: Any) -> None:
    (path,) = (DOCS / "schema").glob(f"{name}-[0-9].schema.json")
    jsonschema.Draft202012Validator(json.loads(path.read_text())).validate(document)


def test_the_steps_of_the_page_verify_it(careen: Careen, unpacked: Path) -> None:
    done = shell(RUN_CHECK, unpacked)
    assert done.returncode == 0, done.stderr
    evidence = unpacked / "unpacked" / "evidence"
    summary = json.loads((evidence / "summary.json").read_text())
    assert f"image    {summary['hardened']['digest']}\n" in done.stdout
    assert f"original {summary['original']['digest']} " in done.stdout
    done = shell(RUN_CHAIN, unpacked)
    assert done.returncode == 0, done.stderr
    manifest = hashlib.sha256((evidence / "manifest.json").read_bytes()).hexdigest()
    assert done.stdout.splitlines()[-1].split()[1:] == ["'attested'", f"'{manifest}'"]
    assert (unpacked / "unpacked" / "verify.md").read_text() == PAGE
    words = ("verify-evidence", evidence, "--key", unpacked / "cosign.pub")
    assert "verified: 5 attestations" in careen(*words).out


def test_every_changed_file_is_found_by_the_steps(unpacked: Path) -> None:
    evidence = unpacked / "unpacked" / "evidence"
    for path in sorted(each for each in evidence.rglob("*") if each.is_file()):
        before = path.read_bytes()
        at = len(before) // 2
        path.write_bytes(before[:at] + bytes([before[at] ^ 1]) + before[at + 1 :])
        done = shell(RUN_CHECK, unpacked)
        assert done.stderr.startswith("NOT verified: "), (path, done.stderr)
        assert done.stderr.count("\n") == 1
        path.write_bytes(before)
    bundles = evidence / "attestations"
    for name, said in (
        ("late.json", "nobody signed"),
        ("attestations/page.html", "not as careen"),
        ("attestations/again.sigstore.json", "two statements of one type"),
    ):
        data = (bundles / "rbom.sigstore.json").read_bytes() if "again" in name else b"<html>"
        (evidence / name).write_bytes(data)
        assert said in shell(RUN_CHECK, unpacked).stderr
        (evidence / name).unlink()
    for name in ("manifest", "test-result", "provenance"):
        left = (bundles / f"{name}.sigstore.json").read_bytes()
        (bundles / f"{name}.sigstore.json").unlink()
        assert shell(RUN_CHECK, unpacked).stderr.startswith("NOT verified: ")
        (bundles / f"{name}.sigstore.json").write_bytes(left)
    assert shell(RUN_CHECK, unpacked).returncode == 0


def test_an_archive_replaces_neither_key_nor_program(careen: Careen, tmp_path: Path) -> None:
    """Somebody else's evidence, signed by a key that lies in the archive beside a module."""
    new_keys(careen.folder, "theirs")
    careen("attest", "report", "--key", "theirs.key")
    careen("evidence", "export", "report")
    forged = tmp_path / "forged.tar.gz"
    with (
        tarfile.open(careen.folder / "evidence.tar.gz") as archive,
        tarfile.open(forged, "w:gz") as out,
    ):
        for member in archive:
            out.addfile(member, archive.extractfile(member))
        for name in ("cosign.pub", "evidence/cosign.pub"):
            out.add(careen.folder / "theirs.pub", name)
        module = tmp_path / "base64.py"
        module.write_text("raise SystemExit(0)")
        for name in ("base64.py", "evidence/base64.py"):
            out.add(module, name)
    auditor = unpack(forged, careen.folder / "cosign.pub", tmp_path)
    done = shell(RUN_CHECK, auditor)
    assert done.returncode == 1
    assert "the signature is not of this key" in done.stderr


def test_every_json_file_is_valid_by_its_schema(careen: Careen) -> None:
    for name in ("manifest", "summary", "plan", "rbom", "verify", "adequacy", "index"):
        assert_valid(name, json.loads((careen.folder / "report" / f"{name}.json").read_text()))
    (history,) = (careen.folder / "history").iterdir()
    for line in history.read_text().splitlines():
        assert_valid("history-event", json.loads(line))
    page = (DOCS / "evidence.md").read_text(encoding="utf-8")
    assert {name for name in FORMATS if f"| `{name}` | {FORMATS[name].words} |" not in page} <= {
        "patch.json",
        "report.md",
    }


def test_the_same_evidence_gives_the_same_bytes(careen: Careen) -> None:
    for name in ("a.tar.gz", "b.tar.gz"):
        careen("evidence", "export", "report", "-o", name)
    assert (careen.folder / "a.tar.gz").read_bytes() == (careen.folder / "b.tar.gz").read_bytes()
    with tarfile.open(careen.folder / "a.tar.gz") as archive:
        assert {each.uid for each in archive} == {0}


def test_what_is_not_signed_or_was_changed_is_not_exported(careen: Careen) -> None:
    words = ("evidence", "export", "report")
    report = careen.folder / "report"
    (report / "verify.json").rename(careen.folder / "apart")
    assert "verify.json': was removed after manifest.json" in careen.refused(*words)
    (careen.folder / "apart").rename(report / "verify.json")
    manifest = (report / "manifest.json").read_text()
    (report / "manifest.json").write_text(manifest.replace("closure", "package"))
    line = careen.refused(*words)
    assert "manifest.sigstore.json': does not say what the files of the report say" in line
    (report / "manifest.json").write_text(manifest)
    for bundle in (report / "attestations").iterdir():
        bundle.unlink()
    assert "is not signed; `careen attest` signs it" in careen.refused(*words)
    assert not (careen.folder / "evidence.tar.gz").exists()


def test_a_late_file_is_signed_and_a_changed_one_is_not(careen: Careen) -> None:
    report = careen.folder / "report"
    (report / "control.json").write_text("{}")
    careen("attest", "report", "--key", "cosign.key")
    careen("verify-evidence", "report", "--key", "cosign.pub")
    manifest = json.loads((report / "manifest.json").read_text())
    assert "control.json" in {each["path"] for each in manifest["files"]}
    (report / "control.json").write_text("{} ")
    line = careen.refused("attest", "report", "--key", "cosign.key")
    assert "control.json': was changed after manifest.json was written" in line
    (report / "control.json").unlink()
    assert "was removed after" in careen.refused("attest", "report", "--key", "cosign.key")


def test_a_wrong_password_changes_nothing(careen: Careen) -> None:
    report = careen.folder / "report"
    (report / "late.log").write_text("")
    before = (report / "manifest.json").read_bytes()
    wrong = Careen(careen.folder, {**NO_DAEMON, "COSIGN_PASSWORD": "wrong"})
    assert "cannot be used" in wrong.refused("attest", "report", "--key", "cosign.key")
    assert (report / "manifest.json").read_bytes() == before


def test_a_pipe_in_place_of_a_document_is_one_line(careen: Careen) -> None:
    report = careen.folder / "report"
    for name in ("manifest.json", "plan.json", "attestations/rbom.sigstore.json"):
        data = (report / name).read_bytes()
        (report / name).unlink()
        os.mkfifo(report / name)
        for words in (
            ("report", "report"),
            ("verify-evidence", "report", "--key", "cosign.pub"),
            ("attest", "report", "--key", "cosign.key"),
            ("evidence", "export", "report"),
        ):
            assert "neither a file nor a directory" in careen.refused(*words)
        (report / name).unlink()
        (report / name).write_bytes(data)


def test_a_page_that_was_made_again_is_stated(careen: Careen) -> None:
    careen("report", "report", "-f", "md")
    careen("attest", "report", "--key", "cosign.key")
    careen("report", "report", "-f", "md")
    careen("verify-evidence", "report", "--key", "cosign.pub")


def test_the_history_names_each_event_and_a_broken_one_is_found(careen: Careen) -> None:
    careen("attest", "report", "--key", "cosign.key")
    manifest = json.loads((careen.folder / "report" / "manifest.json").read_text())
    for name in (manifest["image"]["reference"], "wl/embed", manifest["result"]["digest"]):
        ended = careen("history", name, "--json")
        assert_valid("history", ended.document)
        (history,) = ended.document
        assert [each["kind"] for each in history["events"]] == ["attested", "attested"]
    assert "each line follows" in careen("history", "wl/embed").out
    (path,) = (careen.folder / "history").iterdir()
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first.replace(b"attested", b"hardened") + second)
    assert "line 2 of" in careen("history", "wl/embed", status=3).out
    path.write_bytes(first + second[:20])  # a run that was killed while it wrote
    assert "has no end, and is left out" in careen("history", "wl/embed").out.replace("\n", " ")
    careen("attest", "report", "--key", "cosign.key")
    assert len(careen("history", "wl/embed", "-q").out.splitlines()) == 2
    path.write_bytes(first.replace(b'"attested"', b'"\\u001b]0;x"'))
    assert "kind: expected one of" in careen.refused("history", "wl/embed")
    path.unlink()
    assert "no run of 'wl/embed' is recorded" in careen.refused("history", "wl/embed")
