"""An API server that is asked as from a pod: over TLS, with the service account's token and the
cluster's authority.
"""

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from careen.clusters import source
from careen.clusters.source import PodSource
from careen.errors import ToolError
from tests.support.debian_registry import Authority
from tests.unit.clusters.test_pods import POD, listed

pytestmark = pytest.mark.registry

TOKEN = "eyJ.of.a-test"
asked: list[tuple[str, str]] = []


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        token = self.headers.get("Authorization", "")
        asked.append((self.path, token))
        body = listed(POD)
        self.send_response(200 if token == f"Bearer {TOKEN}" else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def authority_in(folder: Path) -> Authority:
    folder.mkdir()
    return Authority.make(folder)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PodSource]:
    authority = authority_in(tmp_path / "authority")
    account = tmp_path / "account"
    account.mkdir()
    (account / "token").write_text(f"{TOKEN}\n")
    (account / "ca.crt").write_bytes(authority.certificate.read_bytes())
    monkeypatch.setattr(source, "ACCOUNT", account)
    asked.clear()
    running = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*authority.sign("api"))
    running.socket = context.wrap_socket(running.socket, server_side=True)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    environ = {
        "KUBERNETES_SERVICE_HOST": "127.0.0.1",
        "KUBERNETES_SERVICE_PORT": str(running.server_port),
    }
    try:
        yield PodSource("", "n1", "", environ)
    finally:
        running.shutdown()
        thread.join()
        running.server_close()


def test_the_api_server_is_asked_with_the_accounts_token(server: PodSource) -> None:
    assert [pod.name for pod in server.pods()] == ["api-5d8f9c-x1"]
    path = "/api/v1/pods?fieldSelector=spec.nodeName%3Dn1&resourceVersion=0"
    assert asked == [(path, f"Bearer {TOKEN}")]


def test_a_wrong_token_is_one_line(server: PodSource) -> None:
    (source.ACCOUNT / "token").write_text("other")
    with pytest.raises(ToolError, match=r"refuses careen's account \(401\)"):
        server.pods()


def test_a_server_of_another_authority_gets_no_token(server: PodSource, tmp_path: Path) -> None:
    other = authority_in(tmp_path / "other")
    (source.ACCOUNT / "ca.crt").write_bytes(other.certificate.read_bytes())
    with pytest.raises(ToolError, match="its certificate is not signed by the cluster's authority"):
        server.pods()
    assert asked == []
