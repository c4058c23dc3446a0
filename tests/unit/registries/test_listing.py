"""Whom a login is sent to when a registry is asked for its referrers, and what an answer may be."""

import base64
import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from careen.errors import ToolError
from careen.model.digest import Digest
from careen.oci.reference import in_registry
from careen.registries import asking as asking_
from careen.registries.credentials import Login
from careen.registries.listing import listed_referrers, referrers_of
from careen.registries.skopeo import Skopeo

DIGEST = Digest("a" * 64)
LISTED = {"schemaVersion": 2, "manifests": [{"digest": "sha256:1"}, {"digest": "sha256:2"}]}
BASIC = f"Basic {base64.b64encode(b'me:pw').decode()}"
Answer = Callable[[str, str], tuple[int, dict[str, str], bytes]]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Ask a registry of this machine that answers as told; its requests are in `ask.seen`."""

    class Asked:
        seen: list[tuple[str, str]]

        def __call__(self, answer: Answer) -> frozenset[str]:
            self.seen = []
            Handler.answer = staticmethod(answer)
            return listed_referrers(image, DIGEST, skopeo)

        def strictly(self, answer: Answer) -> object:
            self.seen = []
            Handler.answer = staticmethod(answer)
            return referrers_of(image, DIGEST, skopeo)

    asked = Asked()

    class Handler(http.server.BaseHTTPRequestHandler):
        answer: Any

        def do_GET(self) -> None:
            login = self.headers.get("Authorization", "")
            asked.seen.append((self.path, login))
            status, headers, body = type(self).answer(self.path, login)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        host = f"127.0.0.1:{server.server_port}"
        image = in_registry(f"{host}/team/web:1")
        skopeo = Skopeo()
        skopeo._plain.add(host)
        auth = {"auths": {host: {"auth": BASIC.removeprefix("Basic ")}}}
        (tmp_path / "auth.json").write_text(json.dumps(auth))
        monkeypatch.setenv("REGISTRY_AUTH_FILE", str(tmp_path / "auth.json"))
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield asked
        server.shutdown()
        thread.join()


def listed(path: str, _login: str) -> tuple[int, dict[str, str], bytes]:
    assert path == f"/v2/team/web/referrers/{DIGEST}"
    return 200, {}, json.dumps(LISTED).encode()


def test_the_list_is_read_and_no_login_is_sent_unasked(ask: Any) -> None:
    assert ask(listed) == {"sha256:1", "sha256:2"}
    assert [login for _, login in ask.seen] == [""]


def test_a_login_is_sent_to_the_registry_that_asks_for_it(ask: Any) -> None:
    def private(path: str, login: str) -> tuple[int, dict[str, str], bytes]:
        if login != BASIC:
            return 401, {"WWW-Authenticate": 'Basic realm="test"'}, b""
        return listed(path, login)

    assert ask(private) == {"sha256:1", "sha256:2"}


def test_a_password_is_not_sent_unencrypted_to_a_server_that_gives_out_tokens(ask: Any) -> None:
    def elsewhere(path: str, login: str) -> tuple[int, dict[str, str], bytes]:
        assert path.startswith("/v2/")
        return 401, {"WWW-Authenticate": 'Bearer realm="http://127.0.0.1:9/token"'}, b""

    assert ask(elsewhere) == frozenset()
    assert [login for _, login in ask.seen] == [""]


def test_a_token_is_fetched_for_what_is_asked() -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        login = request.headers.get("Authorization", "")
        if request.url.host == "auth.example":
            assert login == BASIC
            assert dict(request.url.params) == {"service": "r", "scope": "repository:a:pull"}
            return httpx.Response(200, stream=httpx.ByteStream(b'{"token": "t0"}'))
        if login != "Bearer t0":
            challenge = (
                'Bearer realm="https://auth.example/t",service="r",scope="repository:a:pull"'
            )
            return httpx.Response(
                401, headers={"WWW-Authenticate": challenge}, stream=httpx.ByteStream(b"")
            )
        return httpx.Response(200, stream=httpx.ByteStream(b"{}"))

    client = httpx.Client(transport=httpx.MockTransport(serve))
    asking = asking_._Asking(client, time.monotonic() + 60)
    login = Login("me", "pw")
    _, answer = asking_._once(asking, "https://r.example/v2/", "", 100)
    assert asking_._authorization(asking, answer.challenge, login) == "Bearer t0"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b"404 page not found"),
        (200, b"<html>"),
        (200, b'{"manifests": 1}'),
        (200, b" " * (9 << 20)),
    ],
)
def test_what_is_no_list_is_none(ask: Any, status: int, body: bytes) -> None:
    assert ask(lambda *_: (status, {}, body)) == frozenset()


def test_a_redirect_is_not_followed(ask: Any) -> None:
    assert ask(lambda *_: (302, {"Location": "/elsewhere"}, b"")) == frozenset()
    assert len(ask.seen) == 1


def test_a_registry_that_is_not_there_lists_nothing() -> None:
    assert listed_referrers(in_registry("127.0.0.1:9/a:1"), DIGEST, Skopeo()) == frozenset()


@pytest.mark.parametrize(
    "link", [f'<{"/a" * 1500}>; rel="next"', '</b>; foo="x"; rel="next"'], ids=["long", "more"]
)
def test_a_next_page_that_is_not_understood_is_no_end(ask: Any, link: str) -> None:
    def one(_path: str, _login: str) -> tuple[int, dict[str, str], bytes]:
        return 200, {"Link": link}, json.dumps(LISTED).encode()

    with pytest.raises(ToolError, match="no address of a next page"):
        ask.strictly(one)


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_list_that_is_cut_off_by_a_missing_page_is_no_list(ask: Any, status: int) -> None:
    def cut(path: str, login: str) -> tuple[int, dict[str, str], bytes]:
        if "last=" in path:
            return status, {}, b""
        _, headers, body = listed(path, login)
        return 200, {**headers, "Link": f'<{path}?last=1>; rel="next"'}, body

    with pytest.raises(ToolError, match=f"a later page of the list has status {status}"):
        ask.strictly(cut)


def test_a_realm_that_no_address_can_be_is_an_answer_like_others(ask: Any) -> None:
    def refuse(_path: str, _login: str) -> tuple[int, dict[str, str], bytes]:
        return 401, {"WWW-Authenticate": 'Bearer realm="https://["'}, b""

    with pytest.raises(ToolError, match="asking 127"):
        ask.strictly(refuse)


def test_a_registry_that_answers_byte_by_byte_is_left(
    ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking_, "LONGEST", -1.0)
    with pytest.raises(ToolError, match="no whole answer after"):
        ask.strictly(listed)
