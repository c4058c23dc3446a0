"""What an import does with a folder: feeds known by their content, the rest named, old and new
joined, nothing half taken.
"""

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest
import zstandard

from careen.advisories.database.store import open_store
from careen.errors import ConfigError, InputError
from careen.model.findings.advisory import VendorStatus
from careen.model.findings.imported import Imported, ImportResult, Outcome
from tests.support.feed_layouts import (
    EPSS,
    KEV,
    SECDB,
    TRACKER,
    all_feeds,
    feeds,
    fixed_in,
    imported,
    lines,
    osv,
    outcomes,
    store_of,
    zipped,
)

pytestmark = pytest.mark.slow


def line(result: ImportResult, source: str) -> Imported:
    [found] = [one for one in result.sources if one.source == source]
    return found


def test_feeds_are_known_by_their_content(tmp_path: Path) -> None:
    with store_of(all_feeds(tmp_path / "in"), tmp_path / "db") as store:
        assert {
            feed.name: (feed.records, feed.source, feed.date[:10]) for feed in store.feeds()
        } == {
            "cvss": (2, "b", ""),
            "debian-advisories": (2, "e", "2026-08-01"),
            "debian-tracker": (2, "d", ""),
            "epss": (2, "a", "2026-08-16"),
            "kev": (1, "c", "2026-08-21"),
            "osv:PyPI": (2, "g", "2026-08-01"),
            "secdb:Alpine:v3.20/main": (3, "f", ""),
        }
        assert store.ecosystems() == {"Debian:12", "Debian:13", "PyPI", "Alpine:v3.20"}


def test_what_is_no_feed_is_named_for_what_it_is(tmp_path: Path) -> None:
    vex = {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "statements": []}
    folder = feeds(
        tmp_path / "in",
        kev=KEV,
        README="# Feeds\n",
        vex=vex,
        bom={"bomFormat": "CycloneDX"},
        list="a,b\n1,2\n",
        bits=b"\x7fELF\0\0",
        none=b"",
        json={"a": 1},
    )
    result = imported(folder, tmp_path / "db")
    said = {one.source: (one.outcome, one.detail) for one in result.sources}
    assert said["README"] == (Outcome.NOT_A_FEED, "a text for people")
    assert said["vex"] == (
        Outcome.NOT_A_FEED,
        "a VEX document, not an advisory feed: give it to `careen scan --vex`",
    )
    assert said["bom"] == (Outcome.NOT_A_FEED, "a CycloneDX document, not an advisory feed")
    assert said["list"] == (Outcome.UNKNOWN, "text ('a,b' …)")
    assert said["bits"] == (Outcome.UNKNOWN, "binary data (7f 45 4c 46 …)")
    assert said["none"] == (Outcome.UNKNOWN, "an empty file")
    assert said["json"] == (Outcome.UNKNOWN, "JSON with 'a'")
    assert not result.refused


def test_a_collection_of_vex_documents_is_not_taken_for_a_feed(tmp_path: Path) -> None:
    vex = {"@context": "https://openvex.dev/ns/v0.2.0", "@id": "x", "statements": []}
    result = imported(
        feeds(
            tmp_path / "in",
            x=zipped({"a.json": vex, "b.json": vex, "c.json": osv(), "d.txt": b"?"}),
        ),
        tmp_path / "db",
    )
    assert [(one.outcome, one.detail) for one in result.sources] == [
        (
            Outcome.NOT_A_FEED,
            (
                "2 x a VEX document, not an advisory feed: give it to `careen scan --vex`; 1 x"
                " something else"
            ),
        )
    ]
    assert not (tmp_path / "db").exists()


@pytest.mark.parametrize(
    "form",
    ["zip", "tar", "tar.gz", "tar.zst", "lines", "lines.zst", "array", "folder", "zip of gzip"],
)
def test_osv_in_every_form(tmp_path: Path, form: str) -> None:
    records = {"A.json": osv("A"), "B.json": osv("B", name="valve")}
    plain = {name: json.dumps(record).encode() for name, record in records.items()}
    folder = tmp_path / "in"
    match form:
        case "zip":
            feeds(folder, x=zipped(records))
        case "zip of gzip":
            feeds(folder, x=zipped({name: gzip.compress(data) for name, data in plain.items()}))
        case "lines":
            feeds(folder, x=lines(*records.values()))
        case "lines.zst":
            feeds(folder, x=zstandard.compress(lines(*records.values())))
        case "array":
            feeds(folder, x=json.dumps([*records.values()]))
        case "folder":
            feeds(folder / "PyPI", **plain)
        case _:
            out = io.BytesIO()
            with tarfile.open(fileobj=out, mode="w") as archive:
                for name, data in plain.items():
                    member = tarfile.TarInfo(f"2026/{name}")
                    member.size = len(data)
                    archive.addfile(member, io.BytesIO(data))
            data = out.getvalue()
            feeds(
                folder,
                x={"tar": data, "tar.gz": gzip.compress(data), "tar.zst": zstandard.compress(data)}[
                    form
                ],
            )
    with store_of(folder, tmp_path / "db") as store:
        assert [feed.records for feed in store.feeds()] == [2]
        assert [advisory.id for advisory in store.affecting("PyPI", "valve")] == ["B"]


# half served


def halves() -> dict[str, bytes]:
    """Whole feeds of several layouts, to be cut."""
    return {
        "epss.csv": EPSS.encode(),
        "epss.csv.gz": gzip.compress(
            (
                EPSS + "".join(f"CVE-2020-{number},0.5,0.5\n" for number in range(1000, 3000))
            ).encode()
        ),
        "tracker.json": json.dumps(TRACKER).encode(),
        "tracker.json.gz": gzip.compress(json.dumps(TRACKER).encode()),
        "kev.json": json.dumps(KEV).encode(),
        "all.zip": zipped({f"{number}.json": osv(f"A-{number}") for number in range(50)}),
        "osv.jsonl": lines(*(osv(f"A-{number}") for number in range(50))),
        "osv.jsonl.zst": zstandard.compress(
            lines(*(osv(f"A-{number}", summary=f"{number * 7919 % 1000}") for number in range(500)))
        ),
        "main.json": json.dumps(SECDB).encode(),
    }


@pytest.mark.parametrize("name", halves())
@pytest.mark.parametrize("part", [0.5, 0.9, 0.99])
def test_a_feed_served_half_is_refused_and_the_old_one_stays(
    tmp_path: Path, name: str, part: float
) -> None:
    whole, db = halves()[name], tmp_path / "db"
    assert not imported(feeds(tmp_path / "old", x=whole), db).refused
    before = db.read_bytes()
    cut = feeds(
        tmp_path / "new",
        x=whole[: int(len(whole) * part)],
        other=KEV | {"dateReleased": "2026-08-22T00:00:00Z"},
    )
    result = imported(cut, db)
    bad = [one for one in result.sources if one.source == "x"]
    assert [(one.outcome, one.records) for one in bad] in (
        [(Outcome.REFUSED, 0)],
        [(Outcome.UNKNOWN, 0)],
    )
    assert result.refused or bad[0].outcome is Outcome.UNKNOWN
    assert all(
        "served half" in one.detail or "expected the header" in one.detail
        for one in bad
        if one.outcome is Outcome.REFUSED
    )
    assert outcomes(result)["kev"] == "imported"  # the others go on
    with open_store(db) as store:
        names = {feed.name: feed.records for feed in store.feeds()}
    alone = feeds(tmp_path / "alone", x=whole)
    with store_of(alone, tmp_path / "db2") as store:
        assert {feed.name: feed.records for feed in store.feeds()}.items() <= names.items()
    assert before != db.read_bytes()


def test_a_feed_that_shrank_to_less_than_half_is_taken_for_half_served(tmp_path: Path) -> None:
    db = tmp_path / "db"
    imported(feeds(tmp_path / "old", x=lines(*(osv(f"A-{number}") for number in range(200)))), db)
    small = feeds(
        tmp_path / "new",
        x=lines(*(osv(f"A-{number}", modified="2026-08-09T00:00:00Z") for number in range(99))),
    )
    result = imported(small, db)
    assert result.refused
    assert (
        result.sources[0].detail
        == "99 records, the database holds 200: the old ones stay; use --allow-smaller if that is"
        " right"
    )
    with open_store(db) as store:
        assert [feed.records for feed in store.feeds()] == [200]
    assert not imported(small, db, allow_smaller=True).refused
    with open_store(db) as store:
        assert [(feed.records, feed.date) for feed in store.feeds()] == [
            (99, "2026-08-09T00:00:00Z")
        ]


# old and new


def test_bytes_that_were_imported_before_are_passed_over(tmp_path: Path) -> None:
    folder, db = all_feeds(tmp_path / "in"), tmp_path / "db"
    imported(folder, db)
    before = db.stat()
    result = imported(folder, db)
    assert set(outcomes(result).values()) == {"unchanged"}
    assert (db.stat().st_ino, db.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_snapshot_replaces_the_feed_and_keeps_what_is_newer(tmp_path: Path) -> None:
    db = tmp_path / "db"
    gone, newer = (
        osv("GONE", name="gone"),
        osv("NEWER", modified="2026-08-20T00:00:00Z", summary="newer"),
    )
    imported(feeds(tmp_path / "1", x=lines(gone, newer)), db)
    older = osv("NEWER", modified="2026-07-20T00:00:00Z", summary="older", aliases=["CVE-2024-9"])
    assert not imported(
        feeds(tmp_path / "2", x=lines(older, osv("NEW", modified="2026-08-25T00:00:00Z"))), db
    ).refused
    with open_store(db) as store:
        assert {advisory.id: advisory.summary for advisory in store.affecting("PyPI", "pump")} == {
            "NEWER": "newer",
            "NEW": "",
        }
        assert not list(store.affecting("PyPI", "gone"))
        assert list(store.linked("CVE-2024-9")) == []  # an alias of the record that lost
        assert [feed.records for feed in store.feeds()] == [2]


def test_a_snapshot_that_is_older_as_a_whole_is_not_taken(tmp_path: Path) -> None:
    db = tmp_path / "db"
    imported(feeds(tmp_path / "1", x=EPSS), db)
    result = imported(
        feeds(tmp_path / "2", x=EPSS.replace("2026-08-16", "2026-08-15").replace("0.94", "0.11")),
        db,
    )
    assert [(one.outcome, one.detail) for one in result.sources] == [
        (Outcome.OLDER, "it is of 2026-08-15, the database's of 2026-08-16")
    ]
    assert not result.refused
    with open_store(db) as store:
        score = store.epss("CVE-2024-1111")
        assert score is not None
        assert (score.score, score.date) == (0.94, "2026-08-16")


def test_single_records_change_a_feed_and_leave_the_rest(tmp_path: Path) -> None:
    db = tmp_path / "db"
    imported(
        feeds(
            tmp_path / "1",
            x=lines(osv("A"), osv("B", modified="2026-08-30T00:00:00Z", summary="newest")),
        ),
        db,
    )
    changed = feeds(
        tmp_path / "2",
        a=osv("A", modified="2026-08-10T00:00:00Z", withdrawn="2026-08-10T00:00:00Z"),
        b=osv("B", summary="stale"),
        c=osv("C"),
    )
    assert not imported(changed, db).refused
    with open_store(db) as store:
        found = {
            advisory.id: (advisory.withdrawn[:10], advisory.summary)
            for advisory in store.affecting("PyPI", "pump")
        }
        assert found == {"A": ("2026-08-10", ""), "B": ("", "newest"), "C": ("", "")}
        assert [(feed.records, feed.partial) for feed in store.feeds()] == [(3, "")]


def test_single_records_alone_are_a_partial_feed(tmp_path: Path) -> None:
    with store_of(feeds(tmp_path / "in", a=osv("A")), tmp_path / "db") as store:
        assert [feed.partial for feed in store.partial("PyPI")] == [
            "it was made of single records (1): a package that none of them names is unknown"
        ]


def test_an_archive_and_later_records_in_one_folder(tmp_path: Path) -> None:
    folder = feeds(tmp_path / "in", z=zipped({"A.json": osv("A"), "B.json": osv("B")}))
    feeds(folder / "changes", b=osv("B", modified="2026-08-10T00:00:00Z", summary="changed"))
    with store_of(folder, tmp_path / "db") as store:
        assert {advisory.id: advisory.summary for advisory in store.affecting("PyPI", "pump")} == {
            "A": "",
            "B": "changed",
        }


def test_one_record_in_the_buckets_of_two_ecosystems(tmp_path: Path) -> None:
    shared = osv("SHARED")
    shared["affected"] += osv(ecosystem="npm", name="pump-js")["affected"]
    with store_of(
        feeds(tmp_path / "1", x=zipped({"a": shared, "b": osv("PY")})), tmp_path / "db"
    ) as store:
        assert [feed.name for feed in store.feeds()] == [
            "osv:PyPI"
        ]  # PyPI's bucket is no word on npm
        assert not store.covers("npm")
    imported(
        feeds(tmp_path / "2", x=zipped({"a": shared, "b": osv("JS", ecosystem="npm")})),
        tmp_path / "db",
    )
    with open_store(tmp_path / "db") as store:
        assert [feed.name for feed in store.feeds()] == ["osv:PyPI", "osv:npm"]
        assert [advisory.id for advisory in store.affecting("npm", "pump-js")] == ["SHARED"]
        assert [advisory.id for advisory in store.affecting("PyPI", "pump")] == ["SHARED", "PY"]


def test_the_tracker_joins_what_it_says_of_a_cve_under_each_package(tmp_path: Path) -> None:
    with store_of(feeds(tmp_path / "in", x=TRACKER), tmp_path / "db") as store:
        [whole] = store.records("CVE-2024-1111")
        assert [(entry.name, entry.ecosystem, entry.status) for entry in whole.affected] == [
            ("pumpd", "Debian:12", VendorStatus.FIXED),
            ("pumpd", "Debian:13", VendorStatus.NOT_AFFECTED),
            ("libpump", "Debian:12", VendorStatus.WONT_FIX),
        ]


def test_secdb_keeps_every_version_that_a_cve_is_fixed_in(tmp_path: Path) -> None:
    twice = SECDB | {
        "packages": [
            {
                "pkg": {
                    "name": "pumpd",
                    "secfixes": {"2.0-r3": ["CVE-2024-1"], "2.0-r1": ["CVE-2024-1"]},
                }
            }
        ]
    }
    with store_of(feeds(tmp_path / "in", x=twice), tmp_path / "db") as store:
        [advisory] = store.affecting("Alpine", "pumpd")
        assert [fixed_in(entry) for entry in advisory.affected] == [["2.0-r3"], ["2.0-r1"]]


def test_refused_records_are_counted_with_the_first_reasons(tmp_path: Path) -> None:
    bad = [osv(f"BAD-{number}", aliases="none") for number in range(8)]
    result = imported(
        feeds(tmp_path / "in", x=lines(osv("A"), *bad, {"id": "?", "affected": 1})), tmp_path / "db"
    )
    found = line(ImportResult(result.sources[-1:], result.database, 0, 0), "x")
    assert (found.records, found.refused, len(found.reasons)) == (1, 8, 5)
    assert found.reasons[0] == "x:2 (BAD-0): aliases: expected an array, got 'none'"
    assert [(one.refused, one.reasons) for one in result.sources[:-1]] == [
        (1, ("x:10 (?): affected: expected an array, got 1",))
    ]


def test_a_record_dated_years_ahead_does_not_make_its_feed_young(tmp_path: Path) -> None:
    with store_of(
        feeds(tmp_path / "in", x=lines(osv("A"), osv("B", modified="2999-01-01T00:00:00Z"))),
        tmp_path / "db",
    ) as store:
        assert [feed.date for feed in store.feeds()] == ["2026-08-01T00:00:00Z"]


# bad places


def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file or directory"):
        imported(tmp_path / "none", tmp_path / "db")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_without_feeds_makes_no_database(tmp_path: Path) -> None:
    imported(feeds(tmp_path / "in", x="nothing"), tmp_path / "db")
    assert not (tmp_path / "db").exists()


def test_a_damaged_database_is_not_built_upon(tmp_path: Path) -> None:
    db = tmp_path / "db"
    db.write_bytes(b"not a database, and of some length")
    with pytest.raises(
        ConfigError,
        match=(
            r"not a sound advisory database \(file is not a database\); remove it and run `careen"
            r" db update`"
        ),
    ):
        imported(all_feeds(tmp_path / "in"), db)
    assert db.read_bytes() == b"not a database, and of some length"


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    data = bytearray(zipped({"A.json": osv("A")}))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    result = imported(feeds(tmp_path / "in", x=bytes(data)), tmp_path / "db")
    assert result.refused
    assert "encrypted" in result.sources[0].detail


def test_a_feed_of_which_nothing_could_be_read_is_refused_rather_than_empty(tmp_path: Path) -> None:
    kev = {
        "title": "CISA Catalog of Known Exploited Vulnerabilities",
        "catalogVersion": "2026.08.21",
        "dateReleased": "2026-08-21T00:00:00Z",
        "count": 1,
    }
    wrong = feeds(
        tmp_path / "wrong",
        **{"kev.json": {**kev, "vulnerabilities": [{"cveID": 1, "dateAdded": []}]}},
    )
    (one,) = imported(wrong, tmp_path / "db").sources
    assert (one.outcome, one.feed, one.refused, one.detail) == (
        Outcome.REFUSED,
        "kev",
        1,
        "none of its records could be read",
    )
    empty = feeds(tmp_path / "empty", **{"kev.json": {**kev, "count": 0, "vulnerabilities": []}})
    (one,) = imported(empty, tmp_path / "db").sources
    assert (one.outcome, one.detail) == (
        Outcome.REFUSED,
        "it holds no record; use --allow-smaller if that is right",
    )
    assert imported(empty, tmp_path / "db", allow_smaller=True).refused == ()
