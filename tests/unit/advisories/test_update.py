"""An update against a server that cuts, stalls, lies about lengths and ranges, or is not there."""

import gzip
import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from careen.advisories.catalogue import Download, default_catalogue, downloads, read_catalogue
from careen.advisories.database.store import open_store
from careen.advisories.fetching import TRIES, Fetcher
from careen.advisories.update import update
from careen.errors import ConfigError, InputError, ToolError
from careen.model.findings.imported import ImportResult, Outcome
from careen.tools.only_user import only_user
from tests.support.feed_layouts import EPSS, KEV, TRACKER, osv, outcomes, zipped
from tests.support.feed_server import FeedServer, feed_server

pytestmark = pytest.mark.slow

KEV_BYTES = json.dumps(KEV).encode()


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as running:
        yield running


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr("careen.advisories.fetching.time.sleep", waited.append)
    return waited


def fetcher(tmp_path: Path, client: httpx.Client, largest: int = 1 << 20) -> Fetcher:
    return Fetcher(client, tmp_path, lambda _: None, lambda _: None, largest)


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=5, trust_env=False) as made:
        yield made


# one file


def test_a_file_that_has_not_changed_is_not_fetched_again(
    server: FeedServer, tmp_path: Path, client: httpx.Client
) -> None:
    server.files["/f"] = b"content"
    first = fetcher(tmp_path, client).file(f"{server.address}/f", "f")
    second = fetcher(tmp_path, client).file(f"{server.address}/f", "f")
    assert (first.changed, first.date, second.changed, second.path.read_bytes()) == (
        True,
        "2026-08-22T10:00:00Z",
        False,
        b"content",
    )
    assert [status for _, _, status in server.asked] == [200, 304]
    server.files["/f"] = b"changed"
    assert (
        fetcher(tmp_path, client).file(f"{server.address}/f", "f").path.read_bytes() == b"changed"
    )


def test_a_server_without_etags_is_asked_by_date(
    server: FeedServer, tmp_path: Path, client: httpx.Client
) -> None:
    server.files["/f"], server.without_etag = b"content", True
    fetcher(tmp_path, client).file(f"{server.address}/f", "f")
    assert not fetcher(tmp_path, client).file(f"{server.address}/f", "f").changed


def test_another_address_is_fetched_whole(
    server: FeedServer, tmp_path: Path, client: httpx.Client
) -> None:
    server.files |= {"/f": b"content", "/g": b"other"}
    fetcher(tmp_path, client).file(f"{server.address}/f", "f")
    assert fetcher(tmp_path, client).file(f"{server.address}/g", "f").path.read_bytes() == b"other"


def test_a_transfer_that_breaks_goes_on_where_it_was(
    server: FeedServer, tmp_path: Path, client: httpx.Client
) -> None:
    server.files["/f"], server.cuts["/f"] = bytes(range(256)) * 1000, [100_000, 50_000]
    assert (
        fetcher(tmp_path, client).file(f"{server.address}/f", "f").path.read_bytes()
        == server.files["/f"]
    )
    assert server.asked == [
        ("/f", "", 200),
        ("/f", "bytes=100000-", 206),
        ("/f", "bytes=150000-", 206),
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == [".f.json", "f"]


def test_an_update_that_was_given_up_goes_on_the_next_time(
    server: FeedServer, tmp_path: Path, client: httpx.Client
) -> None:
    server.files["/f"], server.cuts["/f"] = b"x" * 90_000, [10_000] * TRIES
    with pytest.raises(ToolError, match="run it again to go on from there"):
        fetcher(tmp_path, client).file(f"{server.address}/f", "f")
    assert not (tmp_path / "f").exists()
    fetcher(tmp_path, client).file(f"{server.address}/f", "f")
    assert server.asked[-1] == ("/f", f"bytes={TRIES * 10_000}-", 206)
    assert (tmp_path / "f").read_bytes() == server.files["/f"]


def test_a_file_that_changed_meanwhile_is_begun_anew(
    server: FeedServer, tmp_path: Path, client: httpx.Client
) -> None:
    server.files["/f"], server.cuts["/f"] = b"old" * 9000, [5000] * TRIES
    with pytest.raises(ToolError):
        fetcher(tmp_path, client).file(f"{server.address}/f", "f")
    server.files["/f"] = b"new" * 9000
    assert (
        fetcher(tmp_path, client).file(f"{server.address}/f", "f").path.read_bytes()
        == b"new" * 9000
    )


def test_a_range_that_was_not_asked_for_is_not_joined(
    server: FeedServer, tmp_path: Path, client: httpx.Client
) -> None:
    server.files["/f"], server.cuts["/f"], server.wrong_range = b"abc" * 9000, [5000], True
    assert (
        fetcher(tmp_path, client).file(f"{server.address}/f", "f").path.read_bytes()
        == b"abc" * 9000
    )


def test_more_than_the_limit_is_refused(
    server: FeedServer, tmp_path: Path, client: httpx.Client
) -> None:
    server.files["/f"] = b"x" * 5000
    with pytest.raises(
        InputError, match="5000 bytes, more than the 4000 that are fetched of a feed"
    ):
        fetcher(tmp_path, client, 4000).file(f"{server.address}/f", "f")
    server.without_length = True
    with pytest.raises(InputError, match="more than the 4000 bytes"):
        fetcher(tmp_path, client, 4000).file(f"{server.address}/f", "f")
    assert not (tmp_path / "f").exists()


def test_a_busy_server_is_asked_again_and_a_wrong_address_is_not(
    server: FeedServer, tmp_path: Path, client: httpx.Client
) -> None:
    server.files["/f"], server.statuses["/f"] = b"content", [503, 429]
    assert (
        fetcher(tmp_path, client).file(f"{server.address}/f", "f").path.read_bytes() == b"content"
    )
    assert [status for _, _, status in server.asked] == [503, 429, 200]
    with pytest.raises(
        ToolError,
        match=r"the server answers 404 Not Found; is the address, or that of the mirror, right\?",
    ):
        fetcher(tmp_path, client).file(f"{server.address}/none", "g")
    assert len(server.asked) == 4


def test_waits_grow(server: FeedServer, tmp_path: Path, client: httpx.Client) -> None:
    server.statuses["/f"] = [500] * TRIES
    waited: list[float] = []
    with pytest.raises(ToolError, match="the server answers 500"):
        Fetcher(client, tmp_path, lambda _: None, waited.append).file(f"{server.address}/f", "f")
    assert waited == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("raised", "advice"),
    [
        (
            httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"),
            "name your authority's file in SSL_CERT_FILE",
        ),
        (httpx.ProxyError("407 Proxy Authentication Required"), "see HTTPS_PROXY and NO_PROXY"),
        (httpx.ConnectError("Name or service not known"), "is there a network"),
        (httpx.ReadTimeout("timed out"), "nothing came for 60 s"),
    ],
)
def test_what_is_wrong_with_the_network_is_one_line_with_advice(
    tmp_path: Path, raised: httpx.TransportError, advice: str
) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise raised

    with (
        httpx.Client(transport=httpx.MockTransport(fail)) as client,
        pytest.raises(ToolError) as error,
    ):
        fetcher(tmp_path, client).file("https://feeds.example/f", "f")
    assert str(error.value).startswith(f"fetching https://feeds.example/f: {raised}; ")
    assert advice in str(error.value)


# whole updates


def run(server: FeedServer, tmp_path: Path, *wanted: Download) -> ImportResult:
    return update(
        tmp_path / "db",
        tmp_path / "cache",
        wanted,
        lambda _: None,
        client=httpx.Client(timeout=5, trust_env=False),
    )


def kev(server: FeedServer) -> Download:
    return Download("kev", f"{server.address}/kev.json", "kev")


def pypi(server: FeedServer) -> Download:
    return Download(
        "osv:PyPI",
        f"{server.address}/PyPI/all.zip",
        "osv:PyPI",
        f"{server.address}/PyPI/modified_id.csv",
    )


def test_one_feed_that_cannot_be_had_is_told_and_the_others_go_on(
    server: FeedServer, tmp_path: Path
) -> None:
    server.files |= {"/kev.json": KEV_BYTES}
    result = run(server, tmp_path, Download("epss", f"{server.address}/none", "epss"), kev(server))
    assert result.refused
    assert [(one.feed, one.outcome) for one in result.sources] == [
        ("epss", Outcome.REFUSED),
        ("kev", Outcome.IMPORTED),
    ]
    assert "what the database holds of it stays" in result.sources[0].detail


def test_a_feed_whose_server_lost_half_of_it_is_refused_and_the_old_one_stays(
    server: FeedServer, tmp_path: Path
) -> None:
    server.files |= {"/kev.json": KEV_BYTES}
    assert not run(server, tmp_path, kev(server)).refused
    server.files["/kev.json"] = KEV_BYTES[:-100]
    assert outcomes(run(server, tmp_path, kev(server))) == {"kev": "refused"}
    with open_store(tmp_path / "db") as store:
        assert store.kev("CVE-2024-1111") is not None


def test_dates_of_the_server_and_sources(server: FeedServer, tmp_path: Path) -> None:
    server.files |= {"/t": json.dumps(TRACKER).encode(), "/epss.gz": gzip.compress(EPSS.encode())}
    run(
        server,
        tmp_path,
        Download("debian-tracker", f"{server.address}/t", "debian-tracker"),
        Download("epss", f"{server.address}/epss.gz", "epss"),
    )
    with open_store(tmp_path / "db") as store:
        found = {feed.name: (feed.source, feed.date) for feed in store.feeds()}
    assert found == {
        "debian-tracker": (f"{server.address}/t", "2026-08-22T10:00:00Z"),
        "epss": (f"{server.address}/epss.gz", "2026-08-16"),
    }


def test_a_feed_that_its_server_says_is_as_it_was_is_as_of_today(
    server: FeedServer, tmp_path: Path
) -> None:
    server.files |= {"/t": json.dumps(TRACKER).encode()}
    tracker = Download("debian-tracker", f"{server.address}/t", "debian-tracker")
    run(server, tmp_path, tracker)
    assert outcomes(run(server, tmp_path, tracker)) == {"debian-tracker": "unchanged"}
    with open_store(tmp_path / "db") as store:
        assert [feed.date[:10] for feed in store.feeds()] == [
            time.strftime("%Y-%m-%d", time.gmtime())
        ]


def test_only_the_changed_records_of_an_ecosystem_are_fetched(
    server: FeedServer, tmp_path: Path
) -> None:
    server.files |= {"/PyPI/all.zip": zipped({"A.json": osv("A"), "B.json": osv("B")})}
    run(server, tmp_path, pypi(server))
    server.asked.clear()
    server.files |= {
        "/PyPI/modified_id.csv": (
            b"2026-08-10T00:00:00Z,B\n2026-08-09T00:00:00Z,C\n2026-08-01T00:00:00Z,A\n2026-08-20T00:00:00Z,../../etc\n"
        ),
        "/PyPI/B.json": (
            json.dumps(
                osv("B", modified="2026-08-10T00:00:00Z", withdrawn="2026-08-10T00:00:00Z")
            ).encode()
        ),
        "/PyPI/C.json": json.dumps(osv("C", modified="2026-08-09T00:00:00Z")).encode(),
    }
    assert not run(server, tmp_path, pypi(server)).refused
    assert [path for path, _, _ in server.asked] == [
        "/PyPI/modified_id.csv",
        "/PyPI/B.json",
        "/PyPI/C.json",
    ]
    with open_store(tmp_path / "db") as store:
        assert sorted(
            (advisory.id, bool(advisory.withdrawn)) for advisory in store.affecting("PyPI", "pump")
        ) == [("A", False), ("B", True), ("C", False)]


def test_an_ecosystem_is_fetched_whole_after_a_month_or_without_a_list(
    server: FeedServer, tmp_path: Path
) -> None:
    server.files |= {"/PyPI/all.zip": zipped({"A.json": osv("A")})}
    run(server, tmp_path, pypi(server))
    assert not run(server, tmp_path, pypi(server)).refused  # no list of changes at this mirror
    assert server.asked[-1][::2] == ("/PyPI/all.zip", 304)
    server.files["/PyPI/modified_id.csv"] = b"2026-08-01T00:00:00Z,A\n"
    os.utime(tmp_path / "cache" / "osv:PyPI", (0, 0))
    run(server, tmp_path, pypi(server))
    assert server.asked[-1][::2] == ("/PyPI/all.zip", 304)


def test_a_server_that_is_not_there_is_asked_for_one_feed_only(tmp_path: Path) -> None:
    asked = []

    def fail(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        raise httpx.ConnectError("Connection refused")

    wanted = [
        Download(f"f{number}", f"https://feeds.example/{number}", f"f{number}")
        for number in range(5)
    ]
    result = update(
        tmp_path / "db",
        tmp_path / "cache",
        wanted,
        lambda _: None,
        client=httpx.Client(transport=httpx.MockTransport(fail)),
    )
    assert asked == ["/0"] * TRIES
    assert [one.outcome for one in result.sources] == [Outcome.REFUSED] * 5


def unresolved(names: set[str], asked: list[str]) -> httpx.Client:
    """A network in which these names lead nowhere."""

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        if request.url.host in names:
            try:
                # as httpcore has it
                raise socket.gaierror(-3, "Temporary failure in name resolution")  # noqa: TRY301
            except socket.gaierror as error:
                message = str(error)
                raise httpx.ConnectError(message) from error
        return httpx.Response(200, stream=httpx.ByteStream(b"{}"))

    return httpx.Client(transport=httpx.MockTransport(answer))


def test_without_a_network_an_update_stops_after_three_servers(
    tmp_path: Path, no_waiting: list[float]
) -> None:
    hosts = [f"feeds{number}.example" for number in range(30)]
    wanted = [
        Download("kev", f"https://{host}/{part}.json", f"{host}-{part}")
        for host in hosts
        for part in (1, 2)
    ]
    asked: list[str] = []
    with pytest.raises(
        ToolError,
        match=(
            r"^no network: the names of 3 servers cannot be resolved \(feeds0.example,"
            r" feeds1.example, feeds2.example\)"
        ),
    ):
        update(
            tmp_path / "db",
            tmp_path / "cache",
            wanted,
            lambda _: None,
            client=unresolved({*hosts}, asked),
        )
    assert asked == [host for host in hosts[:3] for _ in range(2)]
    assert len(no_waiting) == 3


def test_names_that_lead_nowhere_stop_no_update_of_which_something_came(tmp_path: Path) -> None:
    hosts = [f"feeds{number}.example" for number in range(6)]
    wanted = [Download("kev", f"https://{host}/1.json", host) for host in hosts]
    result = update(
        tmp_path / "db",
        tmp_path / "cache",
        wanted,
        lambda _: None,
        client=unresolved({*hosts[1:]}, []),
    )
    assert (
        len(
            [
                each
                for each in result.sources
                if each.outcome is Outcome.REFUSED and each.source.startswith("https:")
            ]
        )
        == 5
    )


def test_an_archive_that_is_named_in_a_text(server: FeedServer, tmp_path: Path) -> None:
    server.files |= {
        "/r/archive_latest.txt": b"kev_2026-08-21.json\n",
        "/r/kev_2026-08-21.json": KEV_BYTES,
        "/bad.txt": b"../../etc/passwd",
    }
    assert outcomes(
        run(
            server,
            tmp_path,
            Download("kev", f"{server.address}/r/archive_latest.txt", "kev", latest=True),
        )
    ) == {"kev": "imported"}
    result = run(server, tmp_path, Download("kev", f"{server.address}/bad.txt", "kev", latest=True))
    assert "expected the name of a file, got '../../etc/passwd'" in result.sources[0].detail


# the list of feeds


def test_the_list_that_careen_brings() -> None:
    feeds = read_catalogue(default_catalogue(), "feeds.toml")
    wanted = downloads(feeds)
    assert {
        "osv:PyPI",
        "osv:npm",
        "osv:Go",
        "osv:Maven",
        "osv:crates.io",
        "osv:AlmaLinux",
        "osv:Rocky Linux",
        "osv:Red Hat",
        "osv:Ubuntu",
    } <= {one.feed for one in wanted}
    assert {"debian-tracker", "secdb:Alpine", "kev", "epss"} <= {one.feed for one in wanted}
    assert all(one.url.startswith("https://") and "{" not in one.url for one in wanted)
    assert len({one.stem for one in wanted}) == len(wanted)
    assert all(
        "/" not in one.stem and not one.stem.startswith(".")
        for one in downloads(feeds, only=["osv", "redhat-vex", "secdb"])
    )


def test_a_mirror_and_a_choice() -> None:
    feeds = read_catalogue(default_catalogue(), "feeds.toml")
    [one] = downloads(feeds, only=["osv:PyPI"], mirror="https://mirror.example/feeds/")
    assert (one.url, one.changes) == (
        "https://mirror.example/feeds/osv/PyPI/all.zip",
        "https://mirror.example/feeds/osv/PyPI/modified_id.csv",
    )
    assert {one.feed for one in downloads(feeds, only=["osv"])} == {
        feed["name"] for feed in feeds if feed["name"].startswith("osv:")
    }
    with pytest.raises(InputError, match="--only 'nvd': no such feed; there are osv:PyPI, osv:npm"):
        downloads(feeds, only=["nvd"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x", "not TOML"),
        ("", r"expected at least one \[\[feed\]\]"),
        ("feed = 1", r"expected at least one \[\[feed\]\]"),
        ("[[feed]]\nname = 'a'\nurl = 7", r"feed\[0\].url: expected a string, got 7"),
        (
            "[[feed]]\nname = 'a'\nurl = 'u'\npath = 'p'\neach = {a = 1}",
            r"feed\[0\].each: expected lists of words",
        ),
    ],
)
def test_a_list_that_is_wrong(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=f"mine.toml: {said}"):
        read_catalogue(text, "mine.toml")


def test_an_update_beside_another_one_is_refused_in_one_line(
    server: FeedServer, tmp_path: Path
) -> None:
    other = ToolError("not this one")
    (tmp_path / "cache").mkdir()
    with only_user(tmp_path / "cache", other), pytest.raises(ToolError) as caught:
        run(server, tmp_path)
    assert str(caught.value) == (
        f"{tmp_path / 'cache'}: another `careen db update` is running; wait for it to end"
    )
