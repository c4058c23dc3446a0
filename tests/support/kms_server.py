"""A key service on loopback that speaks AWS KMS: one key of P-256, over TLS."""

import base64
import json
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.support.debian_registry import Authority

KEY = "alias/careen"
_SPEC = "ECC_NIST_P256"
_DESCRIBED = {
    "KeyId": KEY,
    "CustomerMasterKeySpec": _SPEC,
    "KeySpec": _SPEC,
    "KeyUsage": "SIGN_VERIFY",
    "SigningAlgorithms": ["ECDSA_SHA_256"],
}


@dataclass(slots=True)
class KeyService:
    """The service's place, what lets cosign use it, and what it was asked for; it makes at most
    `signatures`.
    """

    key: Path
    port: int
    env: dict[str, str]
    asked: list[str] = field(default_factory=list)
    signatures: int | None = None

    def uri(self, name: str = KEY) -> str:
        return f"awskms://127.0.0.1:{self.port}/{name}"

    def answer(self, action: str, request: Any) -> dict[str, object] | None:
        """Answer one action; None if there is no such key, or no more signature."""
        self.asked.append(action)
        made = self.asked.count("Sign") - 1
        if request.get("KeyId") != KEY or (action == "Sign" and made == self.signatures):
            return None
        if action == "Sign":
            digest = base64.b64decode(request["Message"])
            assert request["MessageType"] == "DIGEST"
            signature = openssl("pkeyutl", "-sign", "-inkey", str(self.key), data=digest)
            return {"KeyId": KEY, "Signature": base64.b64encode(signature).decode()}
        if action == "DescribeKey":
            return {"KeyMetadata": _DESCRIBED}
        assert action == "GetPublicKey"
        public = openssl("pkey", "-in", str(self.key), "-pubout", "-outform", "DER")
        return {**_DESCRIBED, "PublicKey": base64.b64encode(public).decode()}


def openssl(*words: str, data: bytes = b"") -> bytes:
    """Return what openssl prints; it must succeed."""
    done = subprocess.run(  # noqa: TID251
        ["openssl", *words], input=data, capture_output=True, timeout=60, check=True
    )
    return done.stdout


def new_key(path: Path) -> Path:
    """Write a private key of P-256 (PKCS#8, PEM)."""
    words = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1")
    path.write_bytes(openssl("genpkey", *words))
    return path


@contextmanager
def key_service(folder: Path) -> Iterator[KeyService]:
    """Hold a service whose certificate an authority of its own signed."""
    authority = Authority.make(folder)
    certificate, its_key = authority.sign("kms")
    env = {
        "AWS_ACCESS_KEY_ID": "a-test",
        "AWS_SECRET_ACCESS_KEY": "a-test",
        "AWS_REGION": "us-east-1",
        "AWS_CA_BUNDLE": str(authority.certificate),
    }
    service = KeyService(new_key(folder / "key.pem"), 0, env)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            action = self.headers["X-Amz-Target"].removeprefix("TrentService.")
            answer = service.answer(action, request)
            none = {"__type": "NotFoundException", "message": "no such key"}
            body = json.dumps(none if answer is None else answer).encode()
            self.send_response(400 if answer is None else 200)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, its_key)
    server.socket = serving.wrap_socket(server.socket, server_side=True)
    service.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
