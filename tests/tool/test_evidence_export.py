"""The evidence of a run as an auditor gets it: an archive, a key, and the steps of docs/verify.md,
followed to the letter with the system's Python and openssl, without careen.
"""

import hashlib
import json
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
    auditor = tmp_path / "auditor"
    auditor.mkdir()
    (auditor / "cosign.pub").write_bytes((careen.folder / "cosign.pub").read_bytes())
    (auditor / "evidence.tar.gz").write_bytes(packed.read_bytes())
    assert shell("tar -xzf evidence.tar.gz", auditor).returncode == 0
    (auditor / "evidence" / "check.py").write_text(CHECK)
    (auditor / "chain.py").write_text(CHAIN)
    return auditor / "evidence"


def assert_valid(name: str, document: Any) -> None:
    (path,) = (DOCS / "schema").glob(f"{name}-[0-9].schema.json")
    jsonschema.Draft202012Validator(json.loads(path.read_text())).validate(document)


def test_the_steps_of_the_page_verify_it(careen: Careen, unpacked: Path) -> None:
    done = shell("python3 check.py ../cosign.pub", unpacked)
    assert done.returncode == 0, done.stderr
    summary = json.loads((unpacked / "summary.json").read_text())
    assert f"image    {summary['hardened']['digest']}\n" in done.stdout
    assert f"original {summary['original']['digest']} " in done.stdout
    done = shell("python3 ../chain.py", unpacked)
    assert done.returncode == 0, done.stderr
    manifest = hashlib.sha256((unpacked / "manifest.json").read_bytes()).hexdigest()
    assert done.stdout.splitlines()[-1].split()[1] == "attested"
    assert done.stdout.split()[-1] == manifest
    assert (unpacked / "verify.md").read_text() == PAGE


def test_every_changed_file_is_found_by_the_steps(unpacked: Path) -> None:
    paths = sorted(each for each in unpacked.rglob("*") if each.is_file())
    apart = {"check.py", "verify.md", "history.jsonl"}
    for path in (each for each in paths if each.name not in apart):
        before = path.read_bytes()
        at = len(before) // 2
        path.write_bytes(before[:at] + bytes([before[at] ^ 1]) + before[at + 1 :])
        assert shell("python3 check.py ../cosign.pub", unpacked).returncode != 0, path
        path.write_bytes(before)
    (unpacked / "late.json").write_text("{}")
    assert "late.json" in shell("python3 check.py ../cosign.pub", unpacked).stderr


def test_every_json_file_is_valid_by_its_schema(careen: Careen) -> None:
    for name in ("manifest", "summary", "plan", "rbom", "verify", "adequacy", "index"):
        assert_valid(name, json.loads((careen.folder / "report" / f"{name}.json").read_text()))
    (history,) = (careen.folder / "history").iterdir()
    for line in history.read_text().splitlines():
        assert_valid("history-event", json.loads(line))
    page = (DOCS / "evidence.md").read_text(encoding="utf-8")
    assert {name for name in FORMATS if f"| `{name}` | {FORMATS[name]} |" not in page} <= {
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
    assert "the record is whole" in careen("history", "wl/embed").out
    (path,) = (careen.folder / "history").iterdir()
    first, second = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first.replace(b"attested", b"hardened") + second)
    assert "line 2 of" in careen("history", "wl/embed", status=3).out
    path.write_bytes(first + second[:20])  # a run that was killed while it wrote
    careen("attest", "report", "--key", "cosign.key")
    assert len(careen("history", "wl/embed", "-q").out.splitlines()) == 2
    path.write_bytes(b"[]\n")
    assert "line 1" in careen.refused("history", "wl/embed")
    path.unlink()
    assert "no run of 'wl/embed' is recorded" in careen.refused("history", "wl/embed")
