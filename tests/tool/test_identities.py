"""Evidence that an identity signed, by a Sigstore of the test's own on loopback: accepted by careen
and by cosign, and refused for another name, issuer, authority or time.
"""

import base64
import json
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from careen.model.runs.trace import Use
from tests.support import official
from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.cosign import cosign
from tests.support.finished_result import finished_result
from tests.support.finished_run import finished_run
from tests.support.kms_server import new_key, openssl
from tests.support.own_sigstore import ISSUER, NAME, OwnSigstore, own_sigstore, prepared

pytestmark = [pytest.mark.cosign, pytest.mark.slow]

BUNDLE = "attestations/provenance.sigstore.json"
FAILED = "NOT verified"
COUNT = 7


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnSigstore]:
    with own_sigstore(tmp_path_factory.mktemp("sigstore")) as running:
        yield running


def new_report(folder: Path) -> Careen:
    finished_run(folder, {"/a": ("", Use.OPENED)})
    return Careen(folder, NO_DAEMON)


@pytest.fixture(scope="module")
def careen(tmp_path_factory: pytest.TempPathFactory, services: OwnSigstore) -> Careen:
    """A report with its result, which an identity signed."""
    folder = tmp_path_factory.mktemp("careen")
    finished_result(folder)
    ours = Careen(folder, NO_DAEMON)
    ours("attest", "report", *services.signing)
    return ours


def by(root: Path, name: str = NAME, issuer: str = ISSUER) -> tuple[str, ...]:
    who = ("--certificate-identity", name, "--certificate-oidc-issuer", issuer)
    return ("verify-evidence", "report", *who, "--trusted-root", str(root))


def files(folder: Path) -> Mapping[Path, bytes]:
    report = folder / "report"
    return {path: path.read_bytes() for path in report.rglob("*") if path.is_file()}


def test_an_identity_signs_and_is_verified_offline(careen: Careen, services: OwnSigstore) -> None:
    asked = len(services.asked)
    out = careen(*by(services.root)).out
    assert out.splitlines()[-1].startswith(f"verified: {COUNT} attestations of sha256:")
    assert len(services.asked) == asked
    for path in sorted((careen.folder / "report" / "attestations").iterdir()):
        assert list(official.checked(official.bundle, path.read_bytes())) == []


def test_an_entry_in_a_log_is_demanded_where_the_root_has_one(
    careen: Careen, services: OwnSigstore, tmp_path: Path
) -> None:
    finished_result(tmp_path)
    ours = Careen(tmp_path, NO_DAEMON)
    ours("attest", "report", *services.logging)
    root = services.root_with_log()
    out = ours(*by(root)).out
    assert out.splitlines()[-1].startswith(f"verified: {COUNT} attestations of sha256:")
    accepted(ours, root, "--insecure-ignore-sct")
    bundle = (tmp_path / "report" / BUNDLE).read_bytes()
    assert list(official.checked(official.bundle, bundle)) == []
    lines = careen(*by(root), status=3).out.splitlines()
    assert lines[-1].startswith(FAILED)
    said = "not enough verified log entries"
    assert sum(said in line for line in lines) == COUNT
    out = ours(*by(services.root), status=3).out
    assert out.count("failed to verify timestamps") == COUNT


def test_cosign_accepts_the_bundles(careen: Careen, services: OwnSigstore) -> None:
    without_log = ("--insecure-ignore-tlog", "--insecure-ignore-sct", "--use-signed-timestamps")
    accepted(careen, services.root, *without_log)


def accepted(careen: Careen, root: Path, *demands: str) -> None:
    """Let cosign verify the provenance of the manifest, which is a file in the layout."""
    bundle = careen.folder / "report" / BUNDLE
    payload = json.loads(
        base64.b64decode(json.loads(bundle.read_text())["dsseEnvelope"]["payload"])
    )
    who = ("--certificate-identity", NAME, "--certificate-oidc-issuer", ISSUER)
    cosign(
        *("verify-blob-attestation", "--bundle", str(bundle), "--new-bundle-format", *who),
        *("--trusted-root", str(root), *demands, "--type", "slsaprovenance1"),
        Path("result", "blobs", "sha256", payload["subject"][0]["digest"]["sha256"]),
        folder=careen.folder,
    )


@pytest.mark.parametrize(
    ("name", "issuer", "said"),
    [
        ("cd@r.example", ISSUER, 'expected SAN value "cd@r.example", got "ci@r.example"'),
        (NAME, "https://other.example", 'expected issuer value "https://other.example"'),
    ],
    ids=["name", "issuer"],
)
def test_another_identity_is_told(
    careen: Careen, services: OwnSigstore, name: str, issuer: str, said: str
) -> None:
    lines = careen(*by(services.root, name, issuer), status=3).out.splitlines()
    assert lines[-1].startswith(FAILED)
    assert sum(said in line for line in lines) == COUNT
    assert sum(f"the signature is not of {name}: " in line for line in lines) == COUNT


def test_another_authority_is_told(careen: Careen, tmp_path: Path) -> None:
    lines = careen(*by(prepared(tmp_path).root), status=3).out.splitlines()
    assert lines[-1].startswith(FAILED)
    said = f"the signature is not of {NAME}: failed to verify"
    assert sum(said in line for line in lines) == COUNT


def test_an_expired_certificate_is_told(tmp_path: Path, services: OwnSigstore) -> None:
    """The time of a signature is the timestamp authority's, and the certificate was over then."""
    ours = new_report(tmp_path)
    services.expired = True
    try:
        ours("attest", "report", *services.signing)
    finally:
        services.expired = False
    lines = ours(*by(services.root), status=3).out.splitlines()
    assert lines[-1].startswith(FAILED)
    assert sum("leaf certificate verification failed" in line for line in lines) == 5


def without_times(bundle: Any) -> None:
    bundle["verificationMaterial"].pop("timestampVerificationData")


def odd_field(bundle: Any) -> None:
    bundle["verificationMaterial"]["odd"] = 1


def another_payload(bundle: Any) -> None:
    payload = base64.b64decode(bundle["dsseEnvelope"]["payload"]) + b" "
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(payload).decode()


def of_another(bundle: Any) -> None:
    bundle["dsseEnvelope"]["signatures"][0]["sig"] = base64.b64encode(b"none").decode()


def of_a_key(bundle: Any) -> None:
    bundle["verificationMaterial"] = {"publicKey": {"hint": "none"}, "tlogEntries": []}


CHANGES = {
    "provenance": (without_times, "failed to verify timestamps"),
    "rbom": (odd_field, 'unknown field "odd"'),
    "sbom": (another_payload, "invalid signature"),
    "spdx": (of_another, "failed to verify timestamps"),
    "test-result": (of_a_key, "a key signed it, not an identity; give --key"),
}


def test_each_changed_bundle_is_told(careen: Careen, services: OwnSigstore) -> None:
    folder = careen.folder / "report" / "attestations"
    before = {path: path.read_bytes() for path in folder.iterdir()}
    for name, (change, _) in CHANGES.items():
        path = folder / f"{name}.sigstore.json"
        bundle = json.loads(before[path])
        change(bundle)
        path.write_text(json.dumps(bundle, separators=(",", ":")))
    try:
        lines = careen(*by(services.root), status=3).out.splitlines()
    finally:
        for path, data in before.items():
            path.write_bytes(data)
    assert lines[-1].startswith(FAILED)
    for name, (_, said) in CHANGES.items():
        (line,) = (line for line in lines if line.startswith(f"wrong   {name} "))
        assert said in line
    assert sum(line.startswith("signed  ") for line in lines) == COUNT - len(CHANGES)


def test_a_key_is_not_asked_about_an_identity(careen: Careen) -> None:
    public = openssl("pkey", "-in", str(new_key(careen.folder / "key.pem")), "-pubout")
    (careen.folder / "key.pub").write_bytes(public)
    out = careen("verify-evidence", "report", "--key", "key.pub", status=3).out
    assert out.count("an identity signed it, not a key; give --certificate-identity") == COUNT


def test_what_cannot_be_signed_is_one_line(services: OwnSigstore, tmp_path: Path) -> None:
    ours = new_report(tmp_path)
    before = files(tmp_path)
    token = services.signing[:2]
    (tmp_path / "empty").write_text("\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{free.getsockname()[1]}"
        for words, said in (
            ((), "give --key KEY or --identity-token FILE, one of them"),
            (("--key", "k", *token), "give --key KEY or --identity-token FILE, one of them"),
            (("--key", "k", "--rekor-url", closed), "apply to --identity-token"),
            (("--identity-token", "none"), "'none': no such file; write the identity token"),
            (("--identity-token", "empty"), "'empty': holds no identity token"),
            ((*token, "--fulcio-url", closed), "give --rekor-url or --timestamp-server-url"),
            ((*services.signing, "--attach", "docker://r/a", "--att-tag"), "applies to --key"),
            (
                (*token, "--fulcio-url", closed, "--timestamp-server-url", closed),
                "connection refused",
            ),
        ):
            line = ours.refused("attest", "report", *words)
            assert said in line
            assert str(ours.work) not in line
    assert files(tmp_path) == before


def test_a_root_or_half_an_identity_that_verifies_nothing_is_one_line(
    careen: Careen, services: OwnSigstore, tmp_path: Path
) -> None:
    assert "none.json" in careen.refused(*by(tmp_path / "none.json"))
    for text, said in (
        ("{", "not valid JSON"),
        ('{"mediaType": "text/plain"}', "not a Sigstore trusted root"),
        (
            '{"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}',
            "has no certificate authority",
        ),
    ):
        (tmp_path / "other.json").write_text(text)
        assert said in careen.refused(*by(tmp_path / "other.json"))
    root = json.loads(services.root.read_text())
    del root["timestampAuthorities"]
    (tmp_path / "other.json").write_text(json.dumps(root))
    assert "no time can be verified" in careen.refused(*by(tmp_path / "other.json"))
    half = careen.refused("verify-evidence", "report", "--certificate-identity", NAME)
    assert half.endswith("--certificate-identity NAME with --certificate-oidc-issuer URL")


def test_the_fleet_is_indexed_by_what_an_identity_signed(
    careen: Careen, services: OwnSigstore
) -> None:
    words = ("fleet", "index", "report/attestations", "--store", "fleet.db", "--json")
    other = careen(*words, *by(services.root, "other@r.example")[2:], status=3).document
    assert (other["fleet"], len(other["refused"])) == (0, COUNT)
    assert all(
        "signed by others, and not by other@r.example" in each["problem"]
        for each in other["refused"]
    )
    done = careen(*words, *by(services.root)[2:]).document
    assert (done["fleet"], done["refused"]) == (1, [])
    assert done["signer"] == f"{NAME} of {ISSUER}"
