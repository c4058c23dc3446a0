"""Keys that are in no file: in a token (PKCS#11, by SoftHSM) and in a key service (AWS KMS, by a
server on loopback). What cosign cannot use or reach is one line, and nothing is written.
"""

import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from careen.errors import ToolError
from careen.model.runs.trace import Use
from careen.signing import call
from careen.signing.key import PrivateKey
from tests.support.careen_command import NO_DAEMON, Careen
from tests.support.finished_run import finished_run
from tests.support.kms_server import KeyService, key_service, new_key, openssl
from tests.support.soft_token import MODULE, PIN, reads_tokens, soft_token

pytestmark = [pytest.mark.cosign, pytest.mark.slow]

TOKEN = f"pkcs11:token=careen;object=signer?module-path={MODULE}"


@pytest.fixture
def careen(tmp_path: Path) -> Careen:
    folder = tmp_path / "careen"
    folder.mkdir()
    finished_run(folder, {"/a": ("", Use.OPENED)})
    return Careen(folder, NO_DAEMON)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeyService]:
    with key_service(tmp_path_factory.mktemp("kms")) as running:
        yield running


def files(folder: Path) -> Mapping[Path, bytes]:
    report = folder / "report"
    return {path: path.read_bytes() for path in report.rglob("*") if path.is_file()}


def verified(careen: Careen, key: str | Path) -> None:
    out = careen("verify-evidence", "report", "--key", key).out
    assert out.splitlines()[-1].startswith("verified: 5 attestations of sha256:")


def public(key: Path) -> Path:
    """Write the public half of a private key beside it."""
    path = key.with_suffix(".pub")
    path.write_bytes(openssl("pkey", "-in", str(key), "-pubout"))
    return path


def test_a_key_of_aws_kms_signs_and_verifies(careen: Careen, service: KeyService) -> None:
    online = Careen(careen.folder, {**careen.env, **service.env})
    online("attest", "report", "--key", service.uri())
    assert service.asked.count("Sign") == 5
    verified(online, service.uri())
    asked = len(service.asked)
    verified(careen, public(service.key))
    assert len(service.asked) == asked


def test_a_service_that_does_not_know_or_answer_is_one_line(
    careen: Careen, service: KeyService
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"awskms://127.0.0.1:{free.getsockname()[1]}/alias/careen"
        one_try = {"AWS_MAX_ATTEMPTS": "1"}
        online = Careen(careen.folder, {**careen.env, **service.env, **one_try})
        before = files(careen.folder)
        for uri, said in (
            (service.uri("alias/none"), "no such key"),
            (closed, "connection refused"),
            ("awskms://127.0.0.1:1", "should be in the format"),
        ):
            line = online.refused("attest", "report", "--key", uri)
            assert line.startswith(f"the key {uri} cannot be used: ")
            assert said in line
        stranger = Careen(
            careen.folder, {**online.env, "AWS_CA_BUNDLE": "/etc/ssl/certs/ca-certificates.crt"}
        )
        line = stranger.refused("attest", "report", "--key", service.uri())
        assert "certificate signed by unknown authority" in line
    assert files(careen.folder) == before


def test_a_service_that_refuses_the_third_signature_leaves_nothing(
    careen: Careen, service: KeyService
) -> None:
    before = files(careen.folder)
    service.signatures = service.asked.count("Sign") + 2
    online = Careen(careen.folder, {**careen.env, **service.env, "AWS_MAX_ATTEMPTS": "1"})
    line = online.refused("attest", "report", "--key", service.uri())
    service.signatures = None
    assert f"the key {service.uri()} cannot be used: signing blob: " in line
    assert str(careen.work) not in line
    assert files(careen.folder) == before


def test_a_service_that_is_silent_is_given_up(
    service: KeyService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in service.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(call, "SECONDS", 1.0)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        uri = f"awskms://127.0.0.1:{silent.getsockname()[1]}/alias/careen"
        with pytest.raises(ToolError, match="did not end within 1 seconds with the key awskms"):
            PrivateKey(uri, "").sign(b"a statement", tmp_path)


@pytest.mark.softhsm
def test_a_key_in_a_token_signs_where_cosign_reads_tokens(careen: Careen, tmp_path: Path) -> None:
    """Debian's cosign does not: it says so in one line."""
    key = new_key(tmp_path / "token.pem")
    with_token = Careen(careen.folder, {**careen.env, **soft_token(tmp_path / "token", key)})
    before = files(careen.folder)
    if not reads_tokens():
        line = with_token.refused("attest", "report", "--key", TOKEN)
        assert line.startswith(f"the key {TOKEN} cannot be used: ")
        assert "this cosign was built without such keys" in line
        assert files(careen.folder) == before
        return
    for words, pin in ((TOKEN, "9999"), (TOKEN.replace("signer", "none"), PIN)):
        wrong = Careen(careen.folder, {**with_token.env, "COSIGN_PKCS11_PIN": pin})
        line = wrong.refused("attest", "report", "--key", words)
        assert line.startswith(f"the key {words} cannot be used: ")
        assert files(careen.folder) == before
    with_token("attest", "report", "--key", TOKEN)
    verified(careen, public(key))
    subprocess.run(  # noqa: TID251
        ["softhsm2-util", "--delete-token", "--token", "careen"],
        env={**with_token.env, "PATH": "/usr/bin"},
        capture_output=True,
        timeout=60,
        check=True,
    )
    with_token.refused("attest", "report", "--key", TOKEN)
