"""The frozen public feeds: the whole folder as it is, counted by hand from the files themselves."""

import csv
import gzip
import json
import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from careen.advisories.database.store import Store, open_store
from careen.advisories.database.verify import verify_database
from careen.model.findings.advisory import VendorStatus
from careen.model.findings.imported import ImportResult, Outcome
from tests.support.feed_layouts import bounds

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "vuln"

pytestmark = pytest.mark.advisories


_IMPORT = """
import pickle, sys
from pathlib import Path
from careen.advisories.database.importing import import_directory
result = import_directory(Path(sys.argv[1]), Path(sys.argv[2]), lambda _: None)
peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])  # not ru_maxrss: a child starts with the peak of the process that forked it
Path(sys.argv[3]).write_bytes(pickle.dumps((result, peak)))
"""


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[ImportResult, int]:
    """What importing it all gives, in a process of its own, and the most memory that it took
    (KiB).
    """
    folder = tmp_path_factory.mktemp("db")
    argv = [
        sys.executable,
        "-c",
        _IMPORT,
        str(FOLDER),
        str(folder / "advisories.db"),
        str(folder / "result"),
    ]
    subprocess.run(argv, check=True, timeout=300)  # noqa: TID251 — see above
    # of this test's own
    out: tuple[ImportResult, int] = pickle.loads((folder / "result").read_bytes())  # noqa: S301
    return out


@pytest.fixture(scope="module")
def result(measured: tuple[ImportResult, int]) -> ImportResult:
    return measured[0]


@pytest.fixture(scope="module")
def store(result: ImportResult) -> Iterator[Store]:
    with open_store(result.database) as opened:
        yield opened


def records(name: str) -> list[dict[str, Any]]:
    with gzip.open(FOLDER / name, "rt") as stream:
        return [json.loads(line) for line in stream]


def test_every_file_is_known_or_named(result: ImportResult) -> None:
    assert not result.refused
    assert {line.source for line in result.sources} == {path.name for path in FOLDER.iterdir()}
    assert {line.source for line in result.sources if line.outcome is Outcome.NOT_A_FEED} == {
        "README.md",
        "debian-scan-observations.jsonl.gz",
        "debian-scan-reports.json.gz",
        "debian-tracker-provenance.json.gz",
        "vex-corpus.tar.gz",
    }
    assert sum(line.refused for line in result.sources) == 0
    assert not [line for line in result.sources if line.outcome is Outcome.UNKNOWN]


def test_counts_are_those_of_the_files(store: Store) -> None:
    with gzip.open(FOLDER / "debian-tracker.json.gz") as stream:
        tracker = json.load(stream)
    assert store.counts() == {
        "osv:PyPI": 7080,
        "osv:AlmaLinux": len({record["id"] for record in records("almalinux-osv.jsonl.gz")}),
        "debian-advisories": 11_375,
        "debian-tracker": len({cve for cves in tracker.values() for cve in cves}),
        "kev": 1674,
        "epss": 360_142,
        "cvss": 54_407,
    }


def test_dates_are_those_of_the_feeds(store: Store) -> None:
    assert {feed.name: feed.date[:10] for feed in store.feeds()} == {
        "osv:PyPI": "2026-07-23",
        "osv:AlmaLinux": "2026-08-21",
        "debian-advisories": "2026-08-21",
        "debian-tracker": "",
        "kev": "2026-08-21",
        "epss": "2026-08-16",
        "cvss": "",
    }


def test_each_entry_of_the_tracker_is_in_the_database(store: Store) -> None:
    with gzip.open(FOLDER / "debian-tracker.json.gz") as stream:
        tracker = json.load(stream)
    releases = {"bookworm": "Debian:12", "trixie": "Debian:13"}
    expected: Counter[tuple[str, str]] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    for source, cves in tracker.items():
        for entry in cves.values():
            for codename, state in entry["releases"].items():
                expected[releases[codename], state.get("fixed_version", state["status"])] += 1
        for advisory in store.affecting("Debian", source):
            if advisory.feed == "debian-tracker":
                assert advisory.id in cves
                for one in advisory.affected:
                    words = {
                        VendorStatus.UNDETERMINED: "undetermined",
                        VendorStatus.FIXED: bounds(one)[-1][1],
                    }
                    found[one.ecosystem, words.get(one.status, "open")] += 1
    assert found == expected
    assert (
        sum(count for (_, word), count in found.items() if word not in ("open", "undetermined"))
        == 13_869
    )


def test_each_pypi_record_comes_back_as_it_was(store: Store) -> None:
    for record in records("pypi-osv-slim.jsonl.gz"):
        [advisory] = [one for one in store.records(record["id"]) if one.id == record["id"]]
        assert list(advisory.aliases) == record.get("aliases", [])
        assert advisory.withdrawn == record.get("withdrawn", "")
        assert len(advisory.affected) == len(record["affected"])
        expected = [
            (
                sorted(entry.get("versions", [])),
                [
                    next(iter(event.items()))
                    for one in entry.get("ranges", [])
                    for event in one["events"]
                ],
            )
            for entry in record["affected"]
        ]
        assert sorted(
            (sorted(entry.versions), bounds(entry)) for entry in advisory.affected
        ) == sorted(expected)


def test_each_score_comes_back_as_it_was(store: Store) -> None:
    with gzip.open(FOLDER / "epss_scores-2026-08-16.csv.gz", "rt") as stream:
        rows = [*csv.reader(stream)][2::97]
    for cve, score, percentile in rows:
        found = store.epss(cve)
        assert found is not None
        assert (found.score, found.percentile) == (float(score), float(percentile))
    with gzip.open(FOLDER / "known_exploited_vulnerabilities.json.gz") as stream:
        for entry in json.load(stream)["vulnerabilities"]:
            kev = store.kev(entry["cveID"])
            assert kev is not None
            assert (kev.added, kev.ransomware) == (
                entry["dateAdded"],
                entry["knownRansomwareCampaignUse"] == "Known",
            )
    with gzip.open(FOLDER / "cvss.csv.gz", "rt") as stream:
        for row in [*csv.DictReader(stream)][::29]:
            scores = {
                (score.source, score.version, score.vector): score
                for score in store.scores(row["cve"])
            }
            score = scores[row["source"], row["cvss_version"], row["vector"]]
            assert not row["score"] or score.score == float(row["score"])
            assert not row["severity"] or score.severity.word in {
                row["severity"].lower(),
                "negligible",
            }


@pytest.mark.timeout(120)
def test_the_database_is_sound_small_and_fast(result: ImportResult, store: Store) -> None:
    assert [check.problems for check in verify_database(result.database)] == [()] * 5
    assert result.size < 30_000_000
    with gzip.open(FOLDER / "debian-tracker.json.gz") as stream:
        names = [*json.load(stream)][:400]
    wanted = [("Debian", name) for name in names if name != "linux"] + [
        ("PyPI", name) for name in ("torch", "django", "tensorflow", "jinja2", "pillow") * 20
    ]
    count = sum(1 for family, name in wanted for _ in store.affecting(family, name))
    assert count > 10_000


def test_the_import_stays_small_in_memory(measured: tuple[ImportResult, int]) -> None:
    assert measured[1] < 300_000
