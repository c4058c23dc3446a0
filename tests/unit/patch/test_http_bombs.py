"""A server that packs its answers unasked costs careen no memory: nothing is unpacked."""

import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import httpx
import pytest
import zstandard

from careen.advisories.fetching import Fetcher, new_client
from careen.errors import CareenError, ToolError
from careen.model.patching import PatchChoices
from careen.patch.jars.maven import Coordinates, Repository
from careen.patch.python.index import Index
from careen.patch.python.sources import Sources
from careen.tools.addresses import Permit
from careen.tools.http_answer import MAX_REDIRECTS, opened, shown_address
from tests.support.http_server import HttpServer, Said, http_server

pytestmark = pytest.mark.slow

UNPACKED = 256 << 20
ROOM = 32 << 10  # KiB that a client may take beyond what it has when it begins

_PROGRAM = """
import sys
from pathlib import Path
from tests.unit.patch.test_http_bombs import ASKING, peak
from careen.errors import CareenError
before = peak()
try:
    ASKING[sys.argv[1]](sys.argv[2], Path(sys.argv[3]))
except CareenError as error:
    print(error)
print(peak() - before)
"""


def peak() -> int:
    """KiB; unlike `ru_maxrss` it does not count what the parent had at the fork."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


def ask_index(url: str, scratch: Path) -> None:
    Index(Sources((f"{url}/simple",), permit=Permit.of([url])), scratch).offers("x")


def ask_maven(url: str, _: Path) -> None:
    Repository(PatchChoices(maven=f"{url}/m2")).pom(Coordinates("org.example", "lib", "1.0"))


def ask_text(url: str, scratch: Path) -> None:
    Fetcher(new_client(), scratch, print).text(f"{url}/feed", 1000)


def ask_file(url: str, scratch: Path) -> None:
    Fetcher(new_client(), scratch, print, largest=1 << 30).file(f"{url}/feed", "feed")


ASKING: dict[str, Callable[[str, Path], None]] = {
    "index": ask_index,
    "maven": ask_maven,
    "text": ask_text,
    "file": ask_file,
}
PLACES = ("/simple/x/", "/m2/org/example/lib/1.0/lib-1.0.pom", "/feed")


@cache
def bomb(packing: str) -> bytes:
    piece = bytes(1 << 24)
    pieces = range(UNPACKED // len(piece))
    if packing == "zstd":
        packer = zstandard.ZstdCompressor(level=19).compressobj()
        return b"".join([*(packer.compress(piece) for _ in pieces), packer.flush()])
    deflate = zlib.compressobj(9, wbits=31)
    return b"".join([*(deflate.compress(piece) for _ in pieces), deflate.flush()])


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with http_server() as held:
        yield held


@pytest.mark.parametrize(("packing", "status"), [("zstd", 200), ("gzip", 200), ("zstd", 302)])
@pytest.mark.parametrize("who", ASKING)
def test_a_packed_answer_is_refused_and_not_unpacked(
    server: HttpServer, tmp_path: Path, who: str, packing: str, status: int
) -> None:
    more = {"Location": "/nowhere"} if status == 302 else {}
    packed = Said(bomb(packing), status, {"Content-Encoding": packing, **more})
    server.answers.update(dict.fromkeys(PLACES, packed))
    argv = [sys.executable, "-c", _PROGRAM, who, server.url, str(tmp_path)]
    *said_lines, grown = subprocess.check_output(argv, text=True, timeout=120).splitlines()
    assert int(grown) < ROOM
    assert server.headers[0]["accept-encoding"] == "identity"
    if status == 200:
        assert f"the server sends its answer packed ('{packing}')" in "".join(said_lines)
    else:
        assert "/nowhere" in server.asked[-1]


@pytest.mark.parametrize("packing", ["br", "deflate", "x-gzip", "identity, gzip", "GZIP"])
def test_no_packing_is_taken(server: HttpServer, packing: str) -> None:
    server.answers["/feed"] = Said(b"{}", headers={"Content-Encoding": packing})
    with (
        httpx.Client() as client,
        pytest.raises(ToolError, match="packed"),
        opened(client, f"{server.url}/feed", {}),
    ):
        pass


@pytest.mark.parametrize("named", ["identity", "", "Identity"])
def test_an_answer_that_says_that_it_is_plain_is_taken(server: HttpServer, named: str) -> None:
    server.answers["/feed"] = Said(b"plain", headers={"Content-Encoding": named})
    with httpx.Client() as client, opened(client, f"{server.url}/feed", {}) as answer:
        assert b"".join(answer.iter_raw()) == b"plain"


@pytest.mark.parametrize(
    ("path", "packing", "taken"),
    [
        ("/epss.csv.gz", "gzip", True),
        ("/epss.csv.gz", "x-gzip", True),
        ("/archive.tar.zst", "zstd", True),
        ("/epss.csv.gz", "gzip, zstd", False),
        ("/epss.csv.gz", "zstd", False),
        ("/archive.zip", "gzip", False),
    ],
)
def test_a_file_may_be_packed_as_its_name_says_and_stays_so(
    server: HttpServer, tmp_path: Path, path: str, packing: str, *, taken: bool
) -> None:
    server.answers[path] = Said(b"\x1f\x8bpacked", headers={"Content-Encoding": packing})
    fetcher = Fetcher(new_client(), tmp_path, print)
    if taken:
        assert fetcher.file(f"{server.url}{path}", "x").path.read_bytes() == b"\x1f\x8bpacked"
    else:
        with pytest.raises(ToolError, match="packed"):
            fetcher.file(f"{server.url}{path}", "x")


def test_redirects_come_to_an_end(server: HttpServer) -> None:
    server.answers["/round"] = Said(status=302, headers={"Location": "/round"})
    with (
        httpx.Client() as client,
        pytest.raises(CareenError, match=f"more than {MAX_REDIRECTS} redirects"),
        opened(client, f"{server.url}/round", {}),
    ):
        pass
    assert len(server.asked) == MAX_REDIRECTS + 1


def redirecting(old: str, new: str) -> httpx.Client:
    def answer(request: httpx.Request) -> httpx.Response:
        if str(request.url) == old:
            return httpx.Response(302, headers={"Location": new})
        return httpx.Response(200, stream=httpx.ByteStream(b"taken"))

    return httpx.Client(transport=httpx.MockTransport(answer))


def test_https_is_not_left_for_plain_http(tmp_path: Path) -> None:
    old, new = "https://feeds.example/a", "http://feeds.example/a"
    fetcher = Fetcher(redirecting(old, new), tmp_path, print)
    with pytest.raises(ToolError, match=r"redirected from https to http://feeds\.example/a"):
        fetcher.text(old, 1000)
    with pytest.raises(ToolError, match="redirected from https"):
        fetcher.file(old, "feed")
    assert Fetcher(redirecting(new, old), tmp_path, print).text(new, 1000) == "taken"
    other = "https://mirror.example/a"
    assert Fetcher(redirecting(old, other), tmp_path, print).text(old, 1000) == "taken"


def test_an_address_is_shown_without_its_secrets() -> None:
    url = httpx.URL(f"https://me:secret@host.example/{'a' * 400}?token=x#y")
    assert shown_address(url).startswith("https://host.example/aaa")
    assert len(shown_address(url)) == 200
