"""A Sigstore of one's own on loopback: Fulcio's first interface, a timestamp authority by openssl,
and a log.
"""

import base64
import datetime as dt
import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.support.own_log import PATH, OwnLog

NAME, ISSUER = "ci@r.example", "https://issuer.example"
_OF_ISSUER = x509.ObjectIdentifier("1.3.6.1.4.1.57264.1.1")
_YEAR = dt.timedelta(days=365)
_MINUTES = dt.timedelta(minutes=10)
_LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_CONFIG = """[tsa]
default_tsa = own
[own]
serial = {0}/serial
signer_cert = {0}/times.pem
signer_key = {0}/times.key
certs = {0}/authority.pem
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
"""


@dataclass(slots=True)
class OwnSigstore:
    """The services' address, and what they were asked for. `expired`: certificates are old."""

    folder: Path
    authority: "_Authority"
    port: int = 0
    expired: bool = False
    log: OwnLog = field(default_factory=OwnLog)
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def root(self) -> Path:
        return self.folder / "root.json"

    @property
    def signing(self) -> tuple[str, ...]:
        """The words that sign by an identity of these services."""
        return (*self._certified, "--timestamp-server-url", f"{self.url}/times")

    @property
    def logging(self) -> tuple[str, ...]:
        """The words that enter the signature in the log, without a timestamp."""
        return (*self._certified, "--rekor-url", self.url)

    @property
    def _certified(self) -> tuple[str, ...]:
        token = ("--identity-token", str(self.folder / "token.jwt"))
        return (*token, "--fulcio-url", self.url)

    def root_with_log(self) -> Path:
        """Write a trusted root that demands an entry in the log; it has no timestamp authority."""
        root = json.loads(self.root.read_text())
        del root["timestampAuthorities"]
        path = self.folder / "root-with-log.json"
        path.write_text(json.dumps({**root, "tlogs": [self.log.trusted(self.url)]}))
        return path

    def answer(self, path: str, body: bytes) -> tuple[int, str, bytes]:
        """Return status, type and body of an answer."""
        self.asked.append(path)
        if path == "/times":
            return 200, "application/timestamp-reply", self._time(body)
        if path == PATH:
            return 201, "application/json", self.log.enter(body, int(time.time()))
        asked = base64.b64decode(json.loads(body)["publicKey"]["content"])
        key = serialization.load_pem_public_key(asked)
        certificate = self.authority.certify(key, expired=self.expired)
        chain = _pem(certificate) + _pem(self.authority.certificate)
        return 201, "application/pem-certificate-chain", chain

    def _time(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        words = ("-config", self.folder / "times.conf", "-queryfile", self.folder / "query")
        done = subprocess.run(  # noqa: TID251
            ["openssl", "ts", "-reply", *map(str, words)],
            capture_output=True,
            timeout=60,
            check=True,
        )
        return done.stdout


class _Authority:
    """A certificate authority, as Fulcio is one."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        public = self._key.public_key()
        now = dt.datetime.now(dt.UTC)
        begun = self._begun("authority", public, (_LONG_AGO, now + _YEAR))
        begun = begun.add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
        known = x509.SubjectKeyIdentifier.from_public_key(public)
        begun = begun.add_extension(_usage(signs_certificates=True), critical=True)
        self.certificate = begun.add_extension(known, critical=False).sign(
            self._key, hashes.SHA256()
        )

    def _begun(
        self, name: str, key: Any, valid: tuple[dt.datetime, dt.datetime]
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(_named(name) if name else x509.Name([]))
            .issuer_name(_named("authority"))
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(valid[0])
            .not_valid_after(valid[1])
        )

    def certify(self, key: Any, *, expired: bool = False) -> x509.Certificate:
        """Return a certificate of the identity for a key: of these minutes, or of 2020."""
        start = _LONG_AGO if expired else dt.datetime.now(dt.UTC) - dt.timedelta(seconds=30)
        code, names = ExtendedKeyUsageOID.CODE_SIGNING, [x509.RFC822Name(NAME)]
        begun = self._begun("", key, (start, start + _MINUTES))
        begun = begun.add_extension(x509.SubjectAlternativeName(names), critical=True)
        begun = begun.add_extension(
            x509.UnrecognizedExtension(_OF_ISSUER, ISSUER.encode()), critical=False
        )
        return self._signed(begun, code)

    def times(self, key: Any) -> x509.Certificate:
        """Return a certificate of a timestamp authority."""
        valid = (_LONG_AGO, dt.datetime.now(dt.UTC) + _YEAR)
        return self._signed(self._begun("times", key, valid), ExtendedKeyUsageOID.TIME_STAMPING)

    def _signed(
        self, begun: x509.CertificateBuilder, use: x509.ObjectIdentifier
    ) -> x509.Certificate:
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        begun = begun.add_extension(_usage(signs_certificates=False), critical=True)
        only = use == ExtendedKeyUsageOID.TIME_STAMPING
        begun = begun.add_extension(x509.ExtendedKeyUsage([use]), critical=only)
        return begun.add_extension(own, critical=False).sign(self._key, hashes.SHA256())


def _named(name: str) -> x509.Name:
    words = ((NameOID.COMMON_NAME, name), (NameOID.ORGANIZATION_NAME, "a test"))
    return x509.Name([x509.NameAttribute(kind, word) for kind, word in words])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _token() -> str:
    """Return an identity token without a true signature; this Fulcio looks at none."""
    claims = {"iss": ISSUER, "sub": "ci", "email": NAME, "email_verified": True, "aud": "sigstore"}
    parts = ({"alg": "RS256"}, {**claims, "exp": 4_000_000_000})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()) for part in parts]
    return b".".join([*(part.rstrip(b"=") for part in encoded), b"c2ln"]).decode()


def _chain(*certificates: x509.Certificate) -> dict[str, object]:
    raw = [each.public_bytes(serialization.Encoding.DER) for each in certificates]
    return {
        "subject": {"organization": "a test", "commonName": "own"},
        "certChain": {
            "certificates": [{"rawBytes": base64.b64encode(each).decode()} for each in raw]
        },
        "validFor": {"start": "2000-01-01T00:00:00Z"},
    }


def prepared(folder: Path) -> OwnSigstore:
    """Write keys, token and trusted root into a folder."""
    authority, key = _Authority(), ec.generate_private_key(ec.SECP256R1())
    times = authority.times(key.public_key())
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    root = {
        "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
        "certificateAuthorities": [_chain(authority.certificate)],
        "timestampAuthorities": [_chain(times, authority.certificate)],
    }
    for name, data in (
        ("times.key", private),
        ("times.pem", _pem(times)),
        ("authority.pem", _pem(authority.certificate)),
        ("times.conf", _CONFIG.format(folder).encode()),
        ("serial", b"01\n"),
        ("token.jwt", _token().encode() + b"\n"),  # as `echo` writes it
        ("root.json", json.dumps(root).encode()),
    ):
        (folder / name).write_bytes(data)
    return OwnSigstore(folder, authority)


@contextmanager
def own_sigstore(folder: Path) -> Iterator[OwnSigstore]:
    """Hold the services."""
    own = prepared(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, kind, answer = own.answer(self.path, body)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    own.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield own
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
