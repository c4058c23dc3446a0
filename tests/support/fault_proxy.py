"""A proxy with faults before a registry: HTTPS in and out, on a free port of this machine."""

import contextlib
import hashlib
import http
import http.client
import http.server
import json
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from careen.oci.manifest import OCI_INDEX, OCI_MANIFEST
from tests.support.debian_registry import Authority

_CODES = {403: "DENIED", 404: "MANIFEST_UNKNOWN", 429: "TOOMANYREQUESTS"}


@dataclass
class Fault:
    """What happens to the next `times` requests whose `METHOD PATH` matches `pattern`.

    `status` answers at once. `cut` ends the connection after so many bytes of the answer's body
    (`upload`: of the request's). `change` makes another body of the answer's. `endless` sends bytes
    until the client goes away, `hang` does nothing until the proxy ends or the client goes away.
    """

    pattern: str
    times: int = 1
    status: int = 0
    cut: int = -1
    upload: bool = False
    change: Callable[[bytes], bytes] | None = None
    endless: bool = False
    hang: bool = False


@dataclass
class FaultProxy:
    """A running proxy at `host`: its faults, and the requests that came, with their ranges.

    With `referrers` it answers the referrers API, which Debian's registry lacks, from the manifests
    that were pushed through it.
    """

    host: str = ""
    faults: list[Fault] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    referrers: dict[str, list[dict[str, Any]]] | None = None
    ended: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fault(self, request: str) -> Fault | None:
        """Take one of a fault's times."""
        with self.lock:
            self.seen.append(request)
            for fault in self.faults:
                if fault.times and re.search(fault.pattern, request):
                    fault.times -= 1
                    return fault
        return None

    def image(self, name: str) -> str:
        return f"docker://{self.host}/{name}"

    def count(self, pattern: str) -> int:
        """How many requests matched."""
        return sum(bool(re.search(pattern, request)) for request in self.seen)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: FaultProxy
    upstream: str
    trust: ssl.SSLContext

    def _pass_on(self) -> None:
        ranged = self.headers.get("Range", "")
        fault = self.proxy.fault(" ".join(filter(None, (self.command, self.path, ranged))))
        if fault is not None and fault.status:
            self._drain()
            code = _CODES.get(fault.status, "UNKNOWN")
            body = json.dumps({"errors": [{"code": code, "message": "a fault"}]}).encode()
            self._answer(fault.status, {}, body)
            return
        if fault is not None and fault.hang:
            self._drain()
            self.proxy.ended.wait(20)
            self._hang_up()
            return
        if fault is not None and fault.upload:
            self._drain(fault.cut)
            self._hang_up()
            return
        listed = self._listed()
        status, headers, body = listed if listed is not None else self._ask()
        if fault is not None and fault.endless:
            self._flood()
            return
        if fault is not None and fault.change is not None:
            body = fault.change(body)
            headers["Content-Length"] = str(len(body))
        if fault is not None and fault.cut >= 0:
            self._answer(status, headers, body[: fault.cut])
            self._hang_up()
            return
        self._answer(status, headers, body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _pass_on  # noqa: N815

    def _ask(self) -> tuple[int, dict[str, str], bytes]:
        link = http.client.HTTPSConnection(self.upstream, context=self.trust, timeout=60)
        with contextlib.closing(link):
            headers = {
                name: ", ".join(self.headers.get_all(name, ()))
                for name in self.headers
                if name != "Transfer-Encoding"
            }
            body = self._body()
            if self.command == "PUT" and "/manifests/" in self.path:
                self._note(body)
            link.request(self.command, self.path, body, headers)
            answer = link.getresponse()
            told = {name: value for name, value in answer.getheaders() if name != "Connection"}
            return answer.status, told, answer.read()

    def _listed(self) -> tuple[int, dict[str, str], bytes] | None:
        """Return the answer of the referrers API to someone who may see it, or None."""
        known, (path, _, digest) = self.proxy.referrers, self.path.rpartition("/")
        if known is None or not path.endswith("/referrers"):
            return None
        status, headers, body = self._ask()
        if status == http.HTTPStatus.UNAUTHORIZED:
            return status, headers, body
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": known.get(digest, [])}
        return 200, {"Content-Type": OCI_INDEX}, json.dumps(index).encode()

    def _note(self, manifest: bytes) -> None:
        subject = json.loads(manifest).get("subject")
        if self.proxy.referrers is not None and subject is not None:
            item = {
                "mediaType": OCI_MANIFEST,
                "digest": f"sha256:{hashlib.sha256(manifest).hexdigest()}",
                "size": len(manifest),
            }
            self.proxy.referrers.setdefault(subject["digest"], []).append(item)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(self._chunks())
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _drain(self, most: int = -1) -> None:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            come = 0
            for chunk in self._chunks():
                come += len(chunk)
                if 0 <= most <= come:
                    return
            return
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length if most < 0 else min(length, most))

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _flood(self) -> None:
        self.close_connection = True
        self.send_response(http.HTTPStatus.OK)
        self.end_headers()
        while True:
            self.wfile.write(bytes(1 << 20))

    def _hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.close()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that went away."""


@contextlib.contextmanager
def fault_proxy(
    upstream: str, authority: Authority, name: str = "proxy", *, expired: bool = False
) -> Iterator[FaultProxy]:
    """Run a proxy before the registry `upstream`, with a certificate of the same authority."""
    certificate, key = authority.sign(name, expired=expired)
    proxy = FaultProxy()
    trust = ssl.create_default_context(cafile=str(authority.certificate))
    own = {"proxy": proxy, "upstream": upstream, "trust": trust}
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), own))
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, key)
    server.socket = serving.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    proxy.host = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield proxy
    finally:
        proxy.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
