"""HTTP answers as they were sent: redirects, packing, and addresses in messages."""

from collections.abc import Callable, Mapping

import httpx
import pytest

from careen.errors import ToolError
from careen.tools.http_answer import MAX_REDIRECTS, opened, shown_address

Answer = Callable[[httpx.Request], httpx.Response]


def body(answer: Answer, url: str = "https://a.example/x", **more: object) -> bytes:
    """Return the body as it was sent."""
    login = more.get("login")
    assert login is None or isinstance(login, tuple)
    with (
        httpx.Client(transport=httpx.MockTransport(answer)) as client,
        opened(client, url, {"X-Own": "1"}, login) as found,
    ):
        return b"".join(found.iter_raw())


def redirect(to: str, status: int = 302) -> httpx.Response:
    return httpx.Response(status, headers={"Location": to}, stream=httpx.ByteStream(b"moved"))


def sent(data: bytes, **headers: str) -> httpx.Response:
    named: Mapping[str, str] = {key.replace("_", "-"): value for key, value in headers.items()}
    return httpx.Response(200, headers=named, stream=httpx.ByteStream(data))


def test_an_answer_is_asked_for_and_given_as_it_is() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return sent(b"data")

    assert body(answer, login=("me", "word")) == b"data"
    (request,) = asked
    assert request.headers["accept-encoding"] == "identity"
    assert request.headers["x-own"] == "1"
    assert request.headers["authorization"].startswith("Basic ")


def test_redirects_are_followed_and_a_login_stays_with_its_host() -> None:
    seen: list[tuple[str, bool]] = []
    steps = {
        "/x": redirect("/y", 301),
        "/y": redirect("https://b.example/z", 307),
        "/z": sent(b"there"),
    }

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.host, "authorization" in request.headers))
        return steps[request.url.path]

    assert body(answer, login=("me", "word")) == b"there"
    assert seen == [("a.example", True), ("a.example", True), ("b.example", False)]


@pytest.mark.parametrize("count", [MAX_REDIRECTS, MAX_REDIRECTS + 1])
def test_redirects_have_an_end(count: int) -> None:
    left = [count]

    def answer(_: httpx.Request) -> httpx.Response:
        left[0] -= 1
        return redirect("/x") if left[0] >= 0 else sent(b"at last")

    if count == MAX_REDIRECTS:
        assert body(answer) == b"at last"
        return
    with pytest.raises(ToolError, match=r"https://a\.example/x: more than 5 redirects"):
        body(answer)


def test_a_redirect_away_from_encryption_is_refused() -> None:
    with pytest.raises(ToolError) as caught:
        body(lambda _: redirect("http://user:secret@b.example/y?token=1"))
    message = str(caught.value)
    assert message.startswith("https://a.example/x: redirected from https to http://b.example/y,")
    assert "secret" not in message
    assert "token" not in message


def test_without_encryption_a_redirect_may_stay_without() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return sent(b"x") if request.url.path == "/y" else redirect("http://b.example/y")

    assert body(answer, "http://a.example/x") == b"x"


@pytest.mark.parametrize(
    ("path", "packing", "refused"),
    [
        ("/x", "identity", False),
        ("/x", "", False),
        ("/x.csv.gz", "gzip", False),
        ("/x.csv.gz", "X-GZIP", False),
        ("/x.tar.zst", "zstd", False),
        ("/x", "gzip", True),
        ("/x.gz", "br", True),
        ("/x.zst", "gzip", True),
        ("/gz", "gzip", True),
        ("/x", "gzip, gzip", True),
    ],
)
def test_only_a_file_s_own_packing_is_taken(path: str, packing: str, refused: bool) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return sent(b"\x1f\x8b as sent", Content_Encoding=packing)

    if not refused:
        assert body(answer, f"https://a.example{path}") == b"\x1f\x8b as sent"
        return
    with pytest.raises(ToolError, match="the server sends its answer packed"):
        body(answer, f"https://a.example{path}")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:word@a.example:8443/x?token=1#part", "https://a.example:8443/x"),
        ("https://a.example/" + "x" * 1000, "https://a.example/" + "x" * 182),
        ("https://a.example/%1b%5b31m", "https://a.example/%1b%5b31m"),
    ],
)
def test_an_address_is_shown_without_secrets_and_at_most_in_a_line(url: str, shown: str) -> None:
    assert shown_address(httpx.URL(url)) == shown
