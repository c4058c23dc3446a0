"""The database as it is read: queries, what it covers, and a file that is not what it should be."""

import datetime as dt
import hashlib
import sqlite3
from pathlib import Path

import pytest

from careen.advisories.age import age_of, stale
from careen.advisories.database.codec import (
    affected_list,
    head_list,
    pack,
    read_affected,
    read_head,
)
from careen.advisories.database.export import export_database, import_database, is_database
from careen.advisories.database.store import open_store
from careen.advisories.database.verify import compare_files, verify_database
from careen.advisories.matching.location import default_database
from careen.errors import ConfigError, InputError
from careen.model.findings.advisory import (
    Advisory,
    AffectedPackage,
    AffectedRange,
    CvssScore,
    EpssScore,
    Event,
    EventKind,
    Feed,
    ImportedCode,
    KevEntry,
    RangeKind,
    Severity,
    VendorStatus,
)
from tests.support.feed_layouts import EPSS, KEV, all_feeds, feeds, imported, osv, store_of, zipped


@pytest.fixture
def db(tmp_path: Path) -> Path:
    imported(all_feeds(tmp_path / "in"), tmp_path / "db")
    return tmp_path / "db"


def test_queries(db: Path) -> None:
    with open_store(db) as store:
        assert [(advisory.id, advisory.feed) for advisory in store.affecting("PyPI", "pump")] == [
            ("GHSA-aaaa-bbbb-cccc", "osv:PyPI")
        ]
        assert [advisory.id for advisory in store.affecting("PyPI", "valve-kit")] == [
            "PYSEC-2026-1"
        ]  # canonical
        assert list(store.affecting("PyPI", "Valve_Kit")) == []
        assert list(store.affecting("npm", "pump")) == []
        assert sorted(store.linked("CVE-2024-1111")) == ["GHSA-aaaa-bbbb-cccc"]
        assert sorted(store.linked("GHSA-aaaa-bbbb-cccc")) == ["CVE-2024-1111"]
        assert store.kev("CVE-2024-1111") == KevEntry(
            "CVE-2024-1111",
            "2026-08-20",
            "2026-09-10",
            "Pump Controller Code Execution",
            ransomware=True,
        )
        assert store.kev("CVE-2024-9") is None
        assert store.epss("CVE-2024-2222") == EpssScore(
            "CVE-2024-2222", 0.00042, 0.05, "2026-08-16"
        )
        assert [(score.source, score.score) for score in store.scores("CVE-2024-1111")] == [
            ("cisa-adp", 7.5),
            ("nvd", 9.8),
        ]
        assert store.epss("GHSA-aaaa-bbbb-cccc") is None
        assert store.scores("CVE-2024-99999999999999999999") == ()
        assert sorted({advisory.feed for advisory in store.records("CVE-2024-1111")}) == [
            "debian-tracker",
            "osv:PyPI",
            "secdb:Alpine:v3.20/main",
        ]


def test_no_feed_is_told_from_nothing_known(db: Path) -> None:
    with open_store(db) as store:
        assert store.covers("PyPI")
        assert store.covers("Debian:12")
        assert not store.covers("npm")
        assert not store.covers("Debian:14")
        assert [feed.name for feed in store.partial("Debian:12")] == [
            "debian-advisories",
            "debian-tracker",
        ]
        assert store.partial("PyPI") == ()


def test_a_database_on_a_read_only_folder(db: Path, tmp_path: Path) -> None:
    place = tmp_path / "ro"
    place.mkdir()
    db.rename(place / "db")
    (place / "db").chmod(0o444)
    place.chmod(0o555)
    with open_store(place / "db") as store:
        assert len(store.feeds()) == 7
    assert [path.name for path in place.iterdir()] == ["db"]
    place.chmod(0o755)


def test_a_reader_keeps_what_it_opened_while_an_import_replaces_it(
    db: Path, tmp_path: Path
) -> None:
    with open_store(db) as store:
        imported(
            feeds(
                tmp_path / "2", x=EPSS.replace("2026-08-16", "2026-08-17").replace("0.94", "0.5")
            ),
            db,
        )
        before = store.epss("CVE-2024-1111")
        assert before is not None
        assert before.score == 0.94
    with open_store(db) as store:
        after = store.epss("CVE-2024-1111")
        assert after is not None
        assert after.score == 0.5


def test_a_missing_database_says_how_to_get_one(tmp_path: Path) -> None:
    with (
        pytest.raises(
            ConfigError,
            match=(
                "there is no advisory database; run `careen db update`, or `careen db import DIR`"
                " where there is no network"
            ),
        ),
        open_store(tmp_path / "none"),
    ):
        pass


def test_another_format_is_refused(db: Path) -> None:
    with sqlite3.connect(db) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with (
        pytest.raises(
            ConfigError,
            match=(
                "format 99 of the advisory database, this version of careen reads 1; rebuild it"
            ),
        ),
        open_store(db),
    ):
        pass


def test_somebody_elses_sqlite_file_is_refused_and_kept(tmp_path: Path) -> None:
    db = tmp_path / "places.sqlite"
    with sqlite3.connect(db) as connection:
        connection.execute("CREATE TABLE places (name TEXT)")
    connection.close()
    before = db.read_bytes()
    with pytest.raises(ConfigError, match="an SQLite file, but not an advisory database of careen"):
        imported(all_feeds(tmp_path / "in"), db)
    assert db.read_bytes() == before


@pytest.mark.parametrize("at", [0.05, 0.3, 0.6, 0.9])
def test_a_damaged_file_is_one_line_with_what_to_do(db: Path, at: float) -> None:
    data = bytearray(db.read_bytes())
    place = int(len(data) * at) // 4096 * 4096
    data[place : place + 4096] = b"\xaa" * 4096
    db.write_bytes(bytes(data))
    try:
        found = verify_database(db)
    except ConfigError as error:
        # either way it is told
        assert "remove it and run `careen db update`" in str(error)  # noqa: PT017
    else:
        assert any(check.problems for check in found)


def test_a_file_cut_short_is_told(db: Path) -> None:
    db.write_bytes(db.read_bytes()[:5000])
    with pytest.raises(ConfigError, match="not a sound advisory database"):
        verify_database(db)


def test_verify_finds_what_is_missing(db: Path) -> None:
    assert [check.problems for check in verify_database(db)] == [(), (), (), (), ()]
    with sqlite3.connect(db) as connection:
        connection.execute("DELETE FROM epss WHERE cve = (SELECT min(cve) FROM epss)")
        connection.execute("DELETE FROM advisory WHERE identifier = 'DLA-1-1'")
        connection.execute(
            "UPDATE affected SET entries = x'00' WHERE advisory = (SELECT id FROM advisory WHERE"
            " identifier = 'PYSEC-2026-1')"
        )
    connection.close()
    pages, counts, records, strays, _ = verify_database(db)
    assert pages.problems == ()
    assert counts.problems == (
        "debian-advisories: 1 records, 2 were imported",
        "epss: 1 records, 2 were imported",
    )
    assert [problem.partition(" cannot be read")[0] for problem in records.problems] == [
        "PYSEC-2026-1: what it holds of package 'valve-kit'"
    ]
    assert strays.problems == ("1 rows of affected",)


def test_verify_shows_the_digest_of_what_each_feed_was_read_from(db: Path, tmp_path: Path) -> None:
    files = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (tmp_path / "in").rglob("*")}
    *_, origins = verify_database(db)
    assert [line.partition(": ")[0] for line in origins.said] == sorted(
        feed.name for feed in feeds_of(db)
    )
    single = [line for line in origins.said if line.startswith(("kev: ", "epss: "))]
    assert len(single) == 2
    assert all(line.partition(", sha256 ")[2] in files for line in single)


def feeds_of(db: Path) -> tuple[Feed, ...]:
    with open_store(db) as store:
        return store.feeds()


def test_verify_misses_a_digest(db: Path) -> None:
    with sqlite3.connect(db) as connection:
        connection.execute("DELETE FROM source WHERE feed = 'kev'")
        connection.execute("UPDATE source SET digest = 'x' WHERE feed = 'epss'")
    connection.close()
    *_, origins = verify_database(db)
    assert origins.problems == (
        "epss: not a SHA-256: 'x'",
        "kev: no digest of what it was read from",
    )


def test_files_are_those_that_the_database_was_made_of(db: Path, tmp_path: Path) -> None:
    same = compare_files(db, tmp_path / "in")
    assert same.problems == ()
    assert len(same.said) >= 6
    for feed, wrong in (("kev", "the database was not made of it"), ("epss", "cannot be read")):
        line = next(line for line in same.said if line.startswith(f"{feed}: "))
        changed = tmp_path / "in" / line.removeprefix(f"{feed}: ")
        before = changed.read_bytes()
        changed.write_bytes(before + b"\n")
        (problem,) = compare_files(db, tmp_path / "in").problems
        assert problem.startswith(f"{changed.name}: ")
        assert wrong in problem
        changed.write_bytes(before)
    (tmp_path / "empty").mkdir()
    assert compare_files(db, tmp_path / "empty").problems == (
        f"{tmp_path}/empty: no feed of advisories is there",
    )
    with pytest.raises(InputError, match="there is no such file or directory"):
        compare_files(db, tmp_path / "none")


def test_a_damaged_record_is_one_line_with_what_to_do(db: Path) -> None:
    with sqlite3.connect(db) as connection:
        connection.execute("UPDATE advisory SET head = x'ffff' WHERE identifier = 'PYSEC-2026-1'")
    connection.close()
    with (
        pytest.raises(
            ConfigError,
            match=(
                r"what it holds of 'PYSEC-2026-1' cannot be read: .*remove it and run `careen db"
                r" update`"
            ),
        ),
        open_store(db) as store,
    ):
        list(store.affecting("PyPI", "valve-kit"))


def test_every_field_of_an_advisory_comes_back() -> None:
    entry = AffectedPackage(
        "AlmaLinux:9",
        "pump",
        (
            AffectedRange(
                RangeKind.SEMVER,
                (
                    Event(EventKind.INTRODUCED, "0"),
                    Event(EventKind.LAST_AFFECTED, "1"),
                    Event(EventKind.LIMIT, "*"),
                ),
            ),
        ),
        ("1.0", "1.0\N{SNOWMAN}"),
        VendorStatus.UNDETERMINED,
        "a note",
        "important",
        (ImportedCode("pump/valve", ("Open",)), ImportedCode("pump")),
        "pump:2",
        ("x86_64",),
    )
    advisory = Advisory(
        "A",
        "f",
        (entry,),
        ("B",),
        ("C",),
        ("D",),
        "summary",
        "2026-01-01T00:00:00Z",
        "2026-01-02T00:00:00Z",
        "2026-01-03T00:00:00Z",
        (CvssScore("nvd", "3.1", "CVSS:3.1/…", None, Severity.UNKNOWN),),
        "low",
        ("https://example.org/",),
    )
    entries, head = pack(affected_list([entry])), pack(head_list(advisory))
    assert read_head("A", "f", advisory.modified, read_affected("pump", entries), head) == advisory
    bare = Advisory("A", "f", ())
    assert read_head("A", "f", "", (), pack(head_list(bare))) == bare


# export


def test_an_export_is_the_same_database_on_the_other_side(db: Path, tmp_path: Path) -> None:
    done = export_database(db, tmp_path / "out.zst")
    assert done.size < done.database_size == db.stat().st_size
    assert is_database(done.path)
    feeds_of = import_database(done.path, tmp_path / "far" / "db")
    assert (tmp_path / "far" / "db").read_bytes() == db.read_bytes()
    assert len(feeds_of) == 7
    assert [path.name for path in (tmp_path / "far").iterdir()] == ["db"]


@pytest.mark.parametrize("damage", ["cut", "cut header", "flipped", "other"])
def test_a_damaged_export_is_refused_and_the_old_database_stays(
    db: Path, tmp_path: Path, damage: str
) -> None:
    path = export_database(db, tmp_path / "out.zst").path
    data = bytearray(path.read_bytes())
    match damage:
        case "cut":
            del data[-1000:]
        case "cut header":
            del data[100:]
        case "flipped":
            data[-2000] ^= 0xFF
        case _:
            data[8:12] = b"[1, "
    path.write_bytes(bytes(data))
    before = db.read_bytes()
    with pytest.raises(InputError):
        import_database(path, db)
    assert db.read_bytes() == before
    assert sorted(found.name for found in tmp_path.iterdir()) == ["db", "in", "out.zst"]


@pytest.mark.parametrize(
    ("name", "reason"), [("none.zst", "No such file or directory"), ("folder", "Is a directory")]
)
def test_what_cannot_be_read_is_named(db: Path, tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "folder").mkdir()
    before = db.read_bytes()
    with pytest.raises(InputError, match=rf"{name}: cannot be read: {reason}; name an export or"):
        import_database(tmp_path / name, db)
    assert db.read_bytes() == before


def test_an_export_that_would_lose_something_is_refused(db: Path, tmp_path: Path) -> None:
    imported(feeds(tmp_path / "less", x=KEV), tmp_path / "small")
    export = export_database(tmp_path / "small", tmp_path / "out.zst").path
    with pytest.raises(
        InputError,
        match=r"holds what it does not, or newer: cvss, debian-advisories, .*use --allow-smaller",
    ):
        import_database(export, db)
    import_database(export, db, allow_smaller=True)
    with open_store(db) as store:
        assert [feed.name for feed in store.feeds()] == ["kev"]


# age and place


def test_age() -> None:
    now = dt.datetime(2026, 8, 30, 1, tzinfo=dt.UTC)
    fresh = Feed("osv:PyPI", "x", "2026-08-29T23:00:00Z", "2026-08-30T00:00:00Z", 1)
    old = Feed("kev", "x", "2026-07-30", "2026-08-30T00:00:00Z", 1)
    silent = Feed("debian-tracker", "x", "", "2026-08-10T00:00:00Z", 1)
    assert [(age_of(feed, now).days, age_of(feed, now).known) for feed in (fresh, old, silent)] == [
        (1, True),
        (31, True),
        (20, False),
    ]
    assert [age.feed.name for age in stale((fresh, silent, old), now)] == ["kev", "debian-tracker"]
    assert stale((fresh, silent, old), now, 40) == ()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"CAREEN_DB": "/a/b.db"}, "/a/b.db"),
        ({"XDG_DATA_HOME": "/data"}, "/data/careen/advisories.db"),
        (
            {"XDG_DATA_HOME": "relative", "HOME": "/home/me"},
            "/home/me/.local/share/careen/advisories.db",
        ),
        ({"HOME": "/home/me"}, "/home/me/.local/share/careen/advisories.db"),
    ],
)
def test_where_the_database_lies(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: str
) -> None:
    for name in ("CAREEN_DB", "XDG_DATA_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert str(default_database()) == expected


def test_names_with_anything_in_them_are_only_names(tmp_path: Path) -> None:
    name = "'; DROP TABLE feed; --\udcff"
    with store_of(
        feeds(tmp_path / "in", x=zipped({"a": osv("A", ecosystem="npm", name=name[:-1])})),
        tmp_path / "db",
    ) as store:
        assert [advisory.affected[0].name for advisory in store.affecting("npm", name[:-1])] == [
            name[:-1]
        ]
        assert list(store.affecting("npm", "' OR 1=1")) == []
