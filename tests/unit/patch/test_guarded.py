"""What an image's configuration makes careen fetch goes only to addresses that were judged.

No test connects to anything but a loopback server of its own: the wire is a recording, or it
refuses every other address.
"""

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import httpcore
import httpx
import pytest

from careen.errors import ToolError
from careen.model.patching import PatchChoices
from careen.model.paths import ImagePath
from careen.patch import guarded_transport
from careen.patch.guarded_transport import (
    MAX_ADDRESSES,
    GuardedBackend,
    GuardedTransport,
)
from careen.patch.jars.maven import Coordinates, Repository
from careen.patch.python import index as python_index
from careen.patch.python.index import Index
from careen.patch.python.sources import Sources, sources_of
from careen.patch.web import open_client, permit_of
from careen.tools.addresses import Permit, RefusedAddressError
from tests.support.http_server import HttpServer, Said, http_server
from tests.support.trees import tree

pytestmark = pytest.mark.slow

PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
VENV = ImagePath("/opt/venv")


class Stream(httpcore.MockStream):
    """A connection that keeps the name that TLS was started for, and what was sent."""

    def __init__(self, wire: "Wire") -> None:
        super().__init__([PAGE])
        self.wire = wire

    # httpcore's own signature
    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self.wire.sent.append(buffer)

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,  # noqa: ARG002 — httpcore's own signature
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        self.wire.tls.append(server_hostname or "")
        return self


class Wire(httpcore.NetworkBackend):
    """Records where it would connect to."""

    def __init__(self, down: tuple[str, ...] = ()) -> None:
        self.down = down
        self.reached: list[tuple[str, int]] = []
        self.tls: list[str] = []
        self.sent: list[bytes] = []

    def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.NetworkStream:
        self.reached.append((host, port))
        if host in self.down:
            raise httpcore.ConnectError("nobody there")
        return Stream(self)


class Names:
    """A resolver that answers from a list, one item each time, and the last one from then on."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, **_: object) -> list[Any]:
        self.asked.append(host)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [
            (
                socket.AF_INET6 if ":" in text else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (text, port),
            )
            for text in found
        ]


def client(wire: Wire, names: Names, permit: Permit | None = None) -> httpx.Client:
    backend = GuardedBackend(permit or Permit(), names, wire)
    return httpx.Client(transport=GuardedTransport(ssl.create_default_context(), backend))


def test_a_name_that_changes_its_answer_reaches_only_the_address_that_was_judged() -> None:
    wire, names = Wire(), Names(("8.8.8.8",), ("127.0.0.1",))
    with client(wire, names) as held:
        assert held.get("https://rebind.example/simple/x/").text == "ok"
    assert wire.reached == [("8.8.8.8", 443)]
    assert names.asked == ["rebind.example"]
    assert wire.tls == ["rebind.example"]  # the certificate must be the name's
    assert b"Host: rebind.example\r\n" in wire.sent[0]


def test_the_second_answer_is_judged_as_the_first_was() -> None:
    wire, names = Wire(), Names(("8.8.8.8",), ("127.0.0.1",))
    with client(wire, names) as held:
        held.get("http://rebind.example/", headers={"Connection": "close"})
        with pytest.raises(RefusedAddressError, match=r"rebind\.example \(127\.0\.0\.1\)"):
            held.get("http://rebind.example/")
    assert wire.reached == [("8.8.8.8", 80)]


def test_one_bad_address_among_good_ones_is_enough_to_connect_to_none() -> None:
    wire = Wire()
    held = client(wire, Names(("8.8.8.8", "::ffff:169.254.169.254")))
    with held, pytest.raises(RefusedAddressError):
        held.get("http://index.example/")
    assert wire.reached == []


def test_the_next_address_is_tried_and_not_without_end() -> None:
    wire = Wire(down=("8.8.8.8",))
    with client(wire, Names(("8.8.8.8", "8.8.4.4"))) as held:
        assert held.get("http://index.example/").text == "ok"
    assert wire.reached == [("8.8.8.8", 80), ("8.8.4.4", 80)]
    many = tuple(f"8.8.8.{number}" for number in range(50))
    wire = Wire(down=many)
    with client(wire, Names(many)) as held, pytest.raises(httpx.ConnectError):
        held.get("http://index.example/")
    assert len(wire.reached) == MAX_ADDRESSES


def test_a_name_that_nobody_has_is_an_error_of_the_connection() -> None:
    wire = Wire()
    with client(wire, Names(())) as held, pytest.raises(httpx.ConnectError, match="not known"):
        held.get("http://nobody.example/")
    assert wire.reached == []


def test_what_the_user_named_may_be_private() -> None:
    wire, permit = Wire(), Permit.of(["https://index.corp.example/simple"])
    with client(wire, Names(("10.1.2.3",)), permit) as held:
        held.get("https://index.corp.example/simple/x/")
        with pytest.raises(RefusedAddressError):
            held.get("https://files.corp.example/x.whl")
        with pytest.raises(RefusedAddressError):
            held.get("http://index.corp.example/simple/x/")  # another port
    assert wire.reached == [("10.1.2.3", 443)]


_NEAR = """
http://127.0.0.1:1/ http://127.1:1/ http://0x7f000001:1/ http://2130706433:1/ http://0177.0.0.1:1/
http://[::1]:1/ http://[::ffff:127.0.0.1]:1/ http://[::ffff:7f00:1]:1/ http://[64:ff9b::7f00:1]:1/
http://localhost:1/ http://LOCALHOST.:1/ http://0/ http://169.254.169.254/latest/
http://[::ffff:169.254.169.254]/ http://[fd00:ec2::254]/ http://100.100.100.200/ http://172.17.0.1:2375/
http://user@127.0.0.1:1/ http://index.example@127.0.0.1:1/ http://index.example%40:x@127.0.0.1:1/
http://\uff11\uff12\uff17.0.0.1:1/ http://127.0.0.1.:1/ https://10.0.0.1/ http://2852039166/
http://[fe80::1%25lo]:1/
"""


@pytest.mark.parametrize("address", _NEAR.split())
def test_an_image_leads_careen_to_nothing_near_however_it_is_written(
    address: str, tmp_path: Path, only: list[str]
) -> None:
    rootfs = tree({"/etc/pip.conf": f"[global]\nindex-url = {address}simple\n"})
    sources = sources_of(PatchChoices(), rootfs, VENV, {})
    index = Index(sources, tmp_path)
    with pytest.raises(ToolError):
        index.offers("x")
    assert only == []


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where a connection was attempted to; none is made but to a port of loopback that a test
    serves.
    """
    reached: list[str] = []
    real = httpcore.SyncBackend.connect_tcp

    def connect(
        self: httpcore.SyncBackend, host: str, port: int, *rest: Any, **more: Any
    ) -> httpcore.NetworkStream:
        reached.append(f"{host}:{port}")
        assert host == "127.0.0.1"
        assert port > 1024
        return real(self, host, port, *rest, **more)

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    return reached


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with http_server() as held:
        yield held


_AWAY = [
    "http://169.254.169.254/latest/meta-data/",
    "http://[::ffff:169.254.169.254]/",
    "http://10.0.0.7/",
    "http://localhost:{port}/y",
    "http://[::1]:{port}/y",
    "http://127.0.0.2:{port}/y",
    "//172.17.0.1:2375/images/json",
]


@pytest.mark.parametrize("away", _AWAY)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_of_a_permitted_index_leads_nowhere_near(
    server: HttpServer, only: list[str], tmp_path: Path, away: str, status: int
) -> None:
    location = away.format(port=server.port)
    server.answers["/simple/x/"] = Said(status=status, headers={"Location": location})
    sources = sources_of(PatchChoices(python_index=f"{server.url}/simple"), tree({}), VENV, {})
    index = Index(sources, tmp_path)
    with pytest.raises(ToolError, match=r"may not lead there.*--allow-host"):
        index.offers("x")
    index.close()
    assert only == [f"127.0.0.1:{server.port}"]
    assert server.asked == ["/simple/x/"]


def test_a_redirect_of_a_maven_repository_leads_nowhere_near(
    server: HttpServer, only: list[str]
) -> None:
    path = "/org/example/lib/1.0/lib-1.0.pom"
    server.answers[path] = Said(status=302, headers={"Location": "http://169.254.169.254/"})
    repository = Repository(PatchChoices(maven=server.url))
    with pytest.raises(ToolError, match=r"may not lead there.*--allow-host"):
        repository.pom(Coordinates("org.example", "lib", "1.0"))
    assert only == [f"127.0.0.1:{server.port}"]


def test_a_link_on_a_page_leads_nowhere_near(
    server: HttpServer, only: list[str], tmp_path: Path
) -> None:
    page = b'<a href="http://169.254.169.254/x-1.0-py3-none-any.whl">x-1.0-py3-none-any.whl</a>'
    server.answers["/simple/x/"] = Said(page, headers={"Content-Type": "text/html"})
    sources = sources_of(PatchChoices(python_index=f"{server.url}/simple"), tree({}), VENV, {})
    index = Index(sources, tmp_path)
    (offer,) = index.offers("x")
    with pytest.raises(ToolError, match=r"169\.254\.169\.254"):
        index.fetch(offer, "")
    index.close()
    assert only == [f"127.0.0.1:{server.port}"]


def test_a_redirect_to_what_the_user_allows_is_followed(
    server: HttpServer, only: list[str], tmp_path: Path
) -> None:
    location = f"http://localhost:{server.port}/y"
    server.answers["/simple/x/"] = Said(status=302, headers={"Location": location})
    server.answers["/y"] = Said(b"<html></html>", headers={"Content-Type": "text/html"})
    choices = PatchChoices(
        python_index=f"{server.url}/simple", allowed_hosts=(f"localhost:{server.port}",)
    )
    index = Index(sources_of(choices, tree({}), VENV, {}), tmp_path)
    assert index.offers("x") == ()
    index.close()
    assert server.asked == ["/simple/x/", "/y"]


def test_the_login_of_an_index_stays_with_its_host(server: HttpServer, tmp_path: Path) -> None:
    with http_server() as other:
        location = f"{other.url}/y"
        server.answers["/simple/x/"] = Said(status=302, headers={"Location": location})
        named = f"http://me:secret@127.0.0.1:{server.port}/simple"
        choices = PatchChoices(python_index=named, allowed_hosts=("127.0.0.1",))
        index = Index(sources_of(choices, tree({}), VENV, {}), tmp_path)
        assert index.offers("x") == ()
        index.close()
        assert "authorization" in server.headers[0]
        assert "authorization" not in other.headers[0]


def test_image_links_count_for_nothing_once_the_user_names_an_index(tmp_path: Path) -> None:
    image = {
        "PIP_FIND_LINKS": "http://127.0.0.1:2375/images/json",
        "UV_FIND_LINKS": "http://169.254.169.254/latest/",
        "PIP_EXTRA_INDEX_URL": "http://10.0.0.1/simple",
        "UV_DEFAULT_INDEX": "http://10.0.0.2/simple",
        "PIP_NO_INDEX": "1",
    }
    rootfs = tree({"/etc/pip.conf": "[global]\nextra-index-url = http://10.0.0.3/simple\n"})
    mine = "https://index.example/simple"
    for choices in (
        PatchChoices(python_index=mine),
        PatchChoices(environment=(f"PIP_INDEX_URL={mine}",)),
    ):
        sources = sources_of(choices, rootfs, VENV, image)
        assert (sources.indexes, sources.find_links) == ((mine,), ())
    kept = sources_of(PatchChoices(), rootfs, VENV, {**image, "PIP_NO_INDEX": ""})
    assert len(kept.find_links) == 2
    assert kept.indexes == ("http://10.0.0.1/simple", "http://10.0.0.2/simple")


def test_directories_are_the_users_alone(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    choices = PatchChoices(environment=(f"PIP_FIND_LINKS={wheels}",))
    image = {"UV_FIND_LINKS": f"{tmp_path} / /var", "PIP_FIND_LINKS": "/etc"}
    assert sources_of(choices, tree({}), VENV, image).directories == (wheels,)
    assert sources_of(PatchChoices(), tree({}), VENV, image).directories == ()


def test_what_the_user_names_is_permitted_and_a_proxy_is_not() -> None:
    permit = permit_of(
        PatchChoices(
            python_index="https://u:p@one.example/simple",
            find_links=("http://two.example:81/x", "/wheels"),
            maven="https://three.example/m2",
            environment=("PIP_INDEX_URL=https://four.example/", "HTTPS_PROXY=http://10.0.0.1:3128"),
            allowed_hosts=("five.example", "six.example:8443"),
        )
    )
    assert permit.named == {
        ("one.example", 443),
        ("two.example", 81),
        ("three.example", 443),
        ("four.example", 443),
        ("five.example", None),
        ("six.example", 8443),
    }


@pytest.fixture
def proxied(server: HttpServer) -> Iterator[tuple[httpx.Client, HttpServer]]:
    proxies = {"http_proxy": server.url}
    names = Names(())
    with open_client(
        ssl.create_default_context(), proxies, httpx.Timeout(5.0), Permit(), names
    ) as held:
        yield held, server


def test_a_proxy_is_asked_for_names_that_show_nothing(
    proxied: tuple[httpx.Client, HttpServer],
) -> None:
    held, server = proxied
    server.answers["http://index.example/simple/x/"] = Said(b"by the proxy")
    assert held.get("http://index.example/simple/x/").text == "by the proxy"


@pytest.mark.parametrize("address", [each for each in _NEAR.split() if each.startswith("http:")])
def test_a_proxy_is_not_asked_for_what_is_near(
    proxied: tuple[httpx.Client, HttpServer], address: str
) -> None:
    held, server = proxied
    with pytest.raises((RefusedAddressError, httpx.InvalidURL)):
        held.get(address)
    assert server.asked == []


def test_a_proxy_is_not_asked_for_a_name_that_is_near_as_far_as_careen_can_see(
    server: HttpServer,
) -> None:
    names = Names(("169.254.169.254",))
    proxies = {"http_proxy": server.url}
    held = open_client(ssl.create_default_context(), proxies, httpx.Timeout(5.0), Permit(), names)
    with held, pytest.raises(RefusedAddressError):
        held.get("http://metadata.example/")
    assert server.asked == []


def test_sources_that_nobody_permits_reach_nothing_by_default(
    server: HttpServer, only: list[str], tmp_path: Path
) -> None:
    index = Index(Sources((f"{server.url}/simple",)), tmp_path)
    with pytest.raises(ToolError, match="is this machine's loopback"):
        index.offers("x")
    assert (only, server.asked) == ([], [])


class Slow:
    """A server that sends one byte of `text` at a time, without end."""

    def __init__(self, begin: bytes, text: bytes) -> None:
        self._begin, self._text = begin, text
        self._over = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def _serve(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(OSError):
                link, _ = self._socket.accept()
                with link:
                    link.sendall(self._begin)
                    while not self._over.wait(0.02):
                        link.sendall(self._text)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("begin", "text", "words"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Endless: ", b"x", "no answer from the index"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
            b"x",
            r"no end after|no answer from",
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + bytes(1 << 18),
            b"x",
            r"no end after 0\.3 s",
        ),
    ],
)
def test_a_server_that_never_ends_is_left(
    begin: bytes, text: bytes, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarded_transport, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(python_index, "_PAGE_SECONDS", 0.3)
    with Slow(begin, text) as slow:
        choices = PatchChoices(python_index=f"{slow.url}/simple")
        index = Index(sources_of(choices, tree({}), VENV, {}), tmp_path)
        with pytest.raises(ToolError, match=words):
            index.offers("x")
        index.close()
