"""`careen db` as a user runs it: what is printed, exit statuses, errors of one line, an
interruption.
"""

import datetime as dt
import hashlib
import json
import signal
from pathlib import Path

import pytest

from tests.support.careen_command import Careen
from tests.support.feed_layouts import EPSS, KEV, TRACKER, all_feeds, feeds, lines, osv
from tests.support.feed_server import feed_server

pytestmark = pytest.mark.slow

TODAY = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d")


@pytest.fixture
def careen(tmp_path: Path) -> Careen:
    place = {
        "CAREEN_DB": str(tmp_path / "data" / "advisories.db"),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "NO_PROXY": "*",
    }
    return Careen(tmp_path, place)


def complaint(careen: Careen, *words: str | Path) -> str:
    """Run what must fail: one line on standard error besides the stages, nothing on standard
    output.
    """
    ended = careen("db", *words, status=1)
    assert ended.out == ""
    [line] = [
        line
        for line in ended.err.splitlines()
        if not line.startswith(
            ("careen: import: ", "careen: update: ", "careen: verify: ", "careen: export: ")
        )
    ]
    return line


def test_import_status_verify(careen: Careen, tmp_path: Path) -> None:
    folder = all_feeds(tmp_path / "in")
    feeds(folder, README="# what this is\n", notes="bits\n")
    out = careen("db", "import", folder).out
    assert "osv:PyPI" in out
    assert "as of 2026-08-01" in out
    assert "! README" in " ".join(out.split())
    assert "not advisories; a text for people" in " ".join(out.split())
    assert "! notes not recognised; text ('bits' …)" in " ".join(out.split())
    assert "14 records imported in " in out
    shown = careen("db", "status", "--max-age", "100000").out
    assert "epss" in shown
    assert "2026-08-16" in shown
    assert "OLD" not in shown
    assert "debian-tracker: it holds 2 source packages" in " ".join(shown.split())
    assert careen("db", "verify").out.rstrip().endswith("advisories.db: sound")


def test_old_feeds_are_loud(careen: Careen, tmp_path: Path) -> None:
    careen(
        "db",
        "import",
        feeds(
            tmp_path / "in",
            x=EPSS.replace("2026-08-16", "2020-01-01"),
            y=lines(osv(modified=f"{TODAY}T00:00:00Z")),
        ),
    )
    out = careen("db", "status", status=1).out
    assert "OLD: 1 feed is older than 7 days: epss (" in out
    quiet = careen("db", "status", "-q", status=1).out
    assert quiet.startswith("OLD: 1 feed is older")
    assert careen("db", "status", "-q", "--max-age", "100000").out == ""


def test_json_is_all_that_is_printed(careen: Careen, tmp_path: Path) -> None:
    done = careen("db", "import", all_feeds(tmp_path / "in"), "--json")
    assert done.err == ""
    assert {row["feed"]: row["records"] for row in done.document["sources"]}["epss"] == 2
    assert {row["outcome"] for row in done.document["sources"]} == {"imported"}
    status = careen("db", "status", "--json", "--max-age", "100000").document
    assert {row["feed"]["name"]: row["feed"]["date"] for row in status["feeds"]}[
        "epss"
    ] == "2026-08-16"
    assert all(row["problems"] == [] for row in careen("db", "verify", "--json").document)


def test_quiet_says_nothing_when_all_is_well_and_what_was_refused_otherwise(
    careen: Careen, tmp_path: Path
) -> None:
    assert careen("db", "import", "-q", all_feeds(tmp_path / "in")).out == ""
    half = feeds(
        tmp_path / "half",
        epss=EPSS[:-3].replace("08-16", "08-17"),
        kev=KEV | {"dateReleased": "2026-08-22"},
    )
    assert (
        careen("db", "import", "-q", half, status=1).out
        == "REFUSED: epss; the database keeps the previous version of it\n"
    )


def test_a_feed_served_half_is_told_loudly(careen: Careen, tmp_path: Path) -> None:
    careen("db", "import", all_feeds(tmp_path / "in"))
    half = feeds(tmp_path / "half", half=json.dumps(KEV | {"count": 2000}))
    out = careen("db", "import", half, status=1).out
    assert "holds 1 entries and says that there are 2000" in " ".join(out.split())
    assert "REFUSED: half; the database keeps the previous version of it" in out


def test_over_an_air_gap(careen: Careen, tmp_path: Path) -> None:
    careen("db", "import", all_feeds(tmp_path / "in"))
    assert "7 feeds" in careen("db", "export", tmp_path / "out.careen").out
    assert (
        careen("db", "verify", tmp_path / "out.careen").out.rstrip().endswith("out.careen: sound")
    )
    far = tmp_path / "far" / "db"
    careen("db", "import", tmp_path / "out.careen", "--db", far)
    assert far.read_bytes() == (tmp_path / "data" / "advisories.db").read_bytes()
    data = bytearray((tmp_path / "out.careen").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "out.careen").write_bytes(bytes(data))
    assert "copy it again" in complaint(careen, "verify", tmp_path / "out.careen")


def test_update_from_a_list_of_ones_own(careen: Careen, tmp_path: Path) -> None:
    with feed_server() as server:
        server.files |= {
            "/kev.json": json.dumps(KEV).encode(),
            "/tracker": json.dumps(TRACKER).encode(),
        }
        mine = f'[[feed]]\nname="kev"\nurl="{server.address}/kev.json"\npath="kev.json"\ndefault=true\n'
        mine += f'[[feed]]\nname="debian-tracker"\nurl="{server.address}/tracker"\npath="t"\n'
        (tmp_path / "mine.toml").write_text(mine)
        out = careen("db", "update", "--feeds", tmp_path / "mine.toml").out
        assert "1 record imported" in out
        assert [path for path, _, _ in server.asked] == ["/kev.json"]
        careen("db", "update", "--feeds", tmp_path / "mine.toml", "--only", "debian-tracker")
        assert [status for _, _, status in server.asked] == [200, 200]
        server.files["/m/kev.json"] = server.files["/kev.json"]
        careen("db", "update", "--feeds", tmp_path / "mine.toml", "--mirror", f"{server.address}/m")
        assert server.asked[-1][0] == "/m/kev.json"
    feeds_there = careen("db", "status", "--json", status=1).document["feeds"]
    assert {row["feed"]["name"] for row in feeds_there} == {"kev", "debian-tracker"}


def test_a_mirror_over_plain_http_is_named(careen: Careen, tmp_path: Path) -> None:
    with feed_server() as server:
        server.files |= {"/m/kev.json": json.dumps(KEV).encode()}
        mine = tmp_path / "mine.toml"
        mine.write_text(
            '[[feed]]\nname="kev"\nurl="https://feeds.example/k"\npath="kev.json"\ndefault=true\n'
        )
        host = server.address.removeprefix("http://")
        words = ("update", "--feeds", mine, "--mirror", f"http://me:secret@{host}/m")
        done = careen("db", *words)
        document = careen("db", *words, "--json").document
    said = f"PLAIN HTTP: {host}; these feeds could have been changed in transit"
    assert said in " ".join(done.out.split())
    assert document["plain"] == [host]
    status = careen("db", "status", "--max-age", "100000")
    assert said in " ".join(status.out.split())
    row = careen("db", "status", "--json", "--max-age", "100000").document["feeds"][0]
    assert row["feed"]["source"] == f"{server.address}/m/kev.json"
    assert row["digests"] == [hashlib.sha256(json.dumps(KEV).encode()).hexdigest()]


def test_a_database_is_compared_with_the_files_that_it_was_made_of(
    careen: Careen, tmp_path: Path
) -> None:
    folder = all_feeds(tmp_path / "in")
    careen("db", "import", folder)
    out = careen("db", "verify", "--made-of", folder).out
    assert "the database is made of these files" in out
    assert "sha256" in out
    assert "PLAIN HTTP" not in careen("db", "status", "--max-age", "100000").out
    other = feeds(tmp_path / "other", kev=KEV | {"dateReleased": "2026-08-22"})
    out = careen("db", "verify", "--made-of", other, status=1).out
    assert "kev: the database was not made of it" in out
    assert "NOT sound" not in out
    assert "other: does NOT match the database" in " ".join(out.split())


def test_update_from_a_directory_needs_no_network(careen: Careen, tmp_path: Path) -> None:
    assert (
        "14 records imported" in careen("db", "update", "--mirror", all_feeds(tmp_path / "in")).out
    )


def test_update_without_a_network_ends_with_one_loud_line(careen: Careen, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        '[[feed]]\nname="kev"\nurl="http://127.0.0.1:9/kev.json"\npath="kev.json"\ndefault=true\n'
    )
    ended = careen("db", "update", "-q", "--feeds", tmp_path / "mine.toml", status=1)
    assert ended.out == "REFUSED: kev; the database keeps the previous version of it\n"
    assert not (tmp_path / "data" / "advisories.db").exists()


def test_errors_are_one_line(careen: Careen, tmp_path: Path) -> None:
    assert "there is no advisory database; run `careen db update`" in complaint(careen, "status")
    assert "there is no advisory database" in complaint(careen, "verify")
    assert "there is no such file or directory" in complaint(careen, "import", tmp_path / "none")
    assert "no feed of advisories was found there (x: text ('nothing' …))" in complaint(
        careen, "import", feeds(tmp_path / "in", x="nothing\n")
    )
    assert "--only 'nvd': no such feed" in complaint(careen, "update", "--only", "nvd")
    assert "see `careen db import --help`" in complaint(careen, "import")
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "data" / "advisories.db").write_bytes(b"SQLite format 3\0" + b"\0" * 5000)
    assert "advisories.db: " in complaint(careen, "status")
    (tmp_path / "file").touch()
    assert "name another file with --db, or set CAREEN_DB" in complaint(
        careen, "import", all_feeds(tmp_path / "in2"), "--db", tmp_path / "file" / "db"
    )


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(careen: Careen, tmp_path: Path, by: signal.Signals) -> None:
    careen("db", "import", all_feeds(tmp_path / "in"))
    before = (tmp_path / "data" / "advisories.db").read_bytes()
    large = feeds(
        tmp_path / "large",
        x=lines(
            *(
                osv(f"A-{number}", name=f"p{number}", modified="2026-08-20T00:00:00Z")
                for number in range(60_000)
            )
        ),
    )
    ended = careen.interrupted("db", "import", large, when="import: x", by=by)
    assert ended.status == 128 + by
    assert (
        ended.err.splitlines()[-1]
        == f"careen: {'interrupted' if by is signal.SIGINT else 'terminated'}; what was not"
        " finished is removed"
    )
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["advisories.db"]
    assert (tmp_path / "data" / "advisories.db").read_bytes() == before
