"""Attestations of a finished run: signed by cosign, accepted by cosign and by twenty lines of
Python that know nothing of careen, attached in a registry, and every change found.
"""

import base64
import hashlib
import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from careen.evidence.attest.bundle import Signed, pre_authentication, written_envelope
from careen.model.runs.trace import Use
from careen.pipeline.attest import Signer
from careen.signing.key import PrivateKey, hint_of
from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.cosign import PASSWORD, new_keys
from tests.support.finished_run import finished_run

pytestmark = [pytest.mark.cosign, pytest.mark.slow]

SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"
NAMES = {"manifest", "provenance", "rbom", "test-result", "verification-summary"}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two pairs of keys."""
    folder = tmp_path_factory.mktemp("keys")
    for prefix in ("cosign", "other"):
        new_keys(folder, prefix)
    return folder


@pytest.fixture
def careen(tmp_path: Path) -> Careen:
    folder = tmp_path / "careen"
    folder.mkdir()
    finished_run(folder, {"/a": ("", Use.OPENED)})
    return Careen(folder, {**NO_DAEMON, **PASSWORD})


def assert_valid(name: str, document: Any) -> None:
    schema = json.loads((SCHEMAS / f"{name}-1.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(document)


@pytest.fixture
def report(careen: Careen, keys: Path) -> Path:
    ended = careen("attest", "report", "--key", keys / "cosign.key", "--json")
    assert_valid("attest", ended.document)
    return careen.folder / "report"


def payload(bundle: Path) -> Any:
    envelope = json.loads(bundle.read_text())["dsseEnvelope"]
    return json.loads(base64.b64decode(envelope["payload"]))


def test_each_statement_names_the_result_and_its_type(report: Path) -> None:
    bundles = {each.name.removesuffix(".sigstore.json"): each for each in report.glob("*/*")}
    assert bundles.keys() == NAMES
    digest = json.loads((report / "summary.json").read_text())["hardened"]["digest"]
    for bundle in bundles.values():
        statement = payload(bundle)
        assert statement["_type"] == "https://in-toto.io/Statement/v1"
        assert statement["subject"][0]["digest"] == {"sha256": digest.removeprefix("sha256:")}
    provenance = payload(bundles["provenance"])["predicate"]
    (original,) = provenance["buildDefinition"]["resolvedDependencies"]
    assert original["digest"] == {"sha256": "1b" * 32}
    (manifest,) = provenance["runDetails"]["byproducts"]
    written = (report / "manifest.json").read_bytes()
    assert manifest["digest"] == {"sha256": hashlib.sha256(written).hexdigest()}
    assert payload(bundles["manifest"])["predicate"] == json.loads(written)


def test_an_envelope_is_own_if_its_key_signed_it(
    keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under the tag of an image's attestations lie those of others, of the same types."""
    monkeypatch.setenv(*next(iter(PASSWORD.items())))
    public = PrivateKey.named(str(keys / "cosign.key")).public
    own = Signer(public, hint_of(public), tmp_path)

    def envelope(payload: bytes, key: str, signed: bytes) -> bytes:
        made = PrivateKey(str(keys / key), public).sign(pre_authentication(signed), tmp_path)
        return written_envelope(Signed(payload, made.value, ""))

    assert own.made(envelope(b"{}", "cosign.key", b"{}"))
    assert not own.made(envelope(b"{}", "other.key", b"{}"))
    assert not own.made(envelope(b"{} ", "cosign.key", b"{}"))
    for damaged in (b"", b"[]", b'{"payload":"{"}', b'{"payloadType":"text/plain"}'):
        assert not own.made(damaged)


def test_openssl_verifies_what_was_signed(report: Path, keys: Path, tmp_path: Path) -> None:
    """The envelope's own rule, without careen and without cosign."""
    for bundle in (report / "attestations").iterdir():
        envelope = json.loads(bundle.read_text())["dsseEnvelope"]
        data = base64.b64decode(envelope["payload"])
        kind = envelope["payloadType"].encode()
        signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(data), data)
        (tmp_path / "signed").write_bytes(signed)
        (tmp_path / "signature").write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
        words = ("-verify", keys / "cosign.pub", "-signature", tmp_path / "signature")
        done = subprocess.run(  # noqa: TID251
            ["openssl", "dgst", "-sha256", *map(str, words), str(tmp_path / "signed")],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.stdout.strip() == "Verified OK", done.stderr


def test_the_evidence_is_verified_and_every_change_is_found(
    careen: Careen, report: Path, keys: Path
) -> None:
    words = ("verify-evidence", "report", "--key", keys / "cosign.pub")
    ended = careen(*words, "--json")
    assert_valid("evidence", ended.document)
    assert ended.document["passed"]
    assert {each["name"] for each in ended.document["attestations"]} == NAMES
    for path in sorted(each for each in report.rglob("*") if each.is_file()):
        before = path.read_bytes()
        at = len(before) // 2
        path.write_bytes(before[:at] + bytes([before[at] ^ 1]) + before[at + 1 :])
        changed = careen.answer(*words)
        path.write_bytes(before)
        # a document that cannot be read any more is an error, any other change a failed check
        assert changed.status in (1, 3), (path, changed.out)
        assert changed.status == 1 or "NOT verified" in changed.out, path
    assert careen(*words).out.splitlines()[-1].startswith("verified: 5 attestations of sha256:")


def test_another_key_a_missing_statement_and_no_key(
    careen: Careen, report: Path, keys: Path
) -> None:
    words = ("verify-evidence", "report", "--key")
    ended = careen(*words, keys / "other.pub", status=3)
    assert ended.out.count(f"it names another key than {keys / 'other.pub'}") == len(NAMES)
    ended = careen(*words, keys / "cosign.pub", "--require", "sbom", status=3)
    assert "sbom is required and missing" in ended.out
    assert "cannot be used" in careen.refused(*words, keys / "none.pub")
    (report / "attestations" / "test-result.sigstore.json").unlink()
    ended = careen(*words, keys / "cosign.pub", status=3)
    assert "test-result is required and missing" in ended.out


def test_a_wrong_password_writes_nothing(careen: Careen, keys: Path) -> None:
    wrong = Careen(careen.folder, {**NO_DAEMON, "COSIGN_PASSWORD": "wrong"})
    line = wrong.refused("attest", "report", "--key", keys / "cosign.key")
    assert "cannot be used" in line
    assert "wrong" not in line
    assert not (careen.folder / "report" / "attestations").exists()


def test_links_folders_and_logs_of_the_report_count(
    careen: Careen, report: Path, keys: Path
) -> None:
    words = ("verify-evidence", "report", "--key", keys / "cosign.pub")
    (report / "logs").mkdir()
    (report / "logs" / "late.log").write_text("a line")
    ended = careen(*words, status=3)
    assert "logs/late.log was added after manifest.json was written" in ended.out
    (report / "logs" / "late.log").unlink()
    careen(*words)
    (report / "\r\x1b[2Kverified.json").write_text("")
    ended = careen(*words, status=3)
    assert "\x1b" not in ended.out
    (report / "\r\x1b[2Kverified.json").unlink()
    (report / "link.json").symlink_to("/etc/hostname")
    assert "neither a file nor a directory" in careen.refused(*words)


@pytest.mark.parametrize(
    "key",
    [
        "pkcs11:token=none;object=none?module-path=/nonexistent.so&pin-value=1234-hidden",
        "hashivault://none",
        "nosuchkms://none?pin-value=1234-hidden",
    ],
)
def test_a_key_that_cosign_cannot_reach_is_one_line_without_its_pin(
    careen: Careen, report: Path, key: str
) -> None:
    """Debian's cosign was built without PKCS#11 and without most key services."""
    before = {path: path.read_bytes() for path in report.rglob("*") if path.is_file()}
    for words in (("attest", "report", "--key"), ("verify-evidence", "report", "--key")):
        line = careen.refused(*words, key)
        assert line.startswith(f"the key {key.partition('1234')[0]}")
        assert "cannot be used" in line
        assert "hidden" not in line
    assert {path: path.read_bytes() for path in report.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("by", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)], ids=["INT", "KILL"]
)
def test_a_run_that_is_ended_while_it_signs_changes_nothing(
    careen: Careen, report: Path, keys: Path, by: signal.Signals, status: int
) -> None:
    before = {path: path.read_bytes() for path in report.rglob("*") if path.is_file()}
    words = ("attest", "report", "--key", keys / "other.key")
    assert careen.interrupted(*words, when="signing rbom", by=by).status == status
    assert {path: path.read_bytes() for path in report.rglob("*") if path.is_file()} == before
    careen("verify-evidence", "report", "--key", keys / "cosign.pub")
    assert careen.runs() == []
