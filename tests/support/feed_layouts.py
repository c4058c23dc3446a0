"""Feeds in their own layouts, small enough to read, and what a database holds after they were
imported.
"""

import gzip
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from careen.advisories.database.importing import import_directory
from careen.advisories.database.store import Store, open_store
from careen.advisories.documents import documents
from careen.advisories.feeds.port import Item
from careen.advisories.feeds.registry import recognise
from careen.model.findings.advisory import AffectedPackage, EventKind
from careen.model.findings.imported import ImportResult

EPSS = "#model_version:v2026.01.01,score_date:2026-08-16T00:00:00+0000\ncve,epss,percentile\nCVE-2024-1111,0.94,0.999\nCVE-2024-2222,0.00042,0.05\n"
CVSS = (
    "cve,source,cvss_version,vector,score,severity\n"
    "CVE-2024-1111,nvd,3.1,CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H,9.8,CRITICAL\n"
    "CVE-2024-1111,cisa-adp,3.1,CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N,7.5,HIGH\n"
)
KEV = {
    "title": "CISA Catalog of Known Exploited Vulnerabilities",
    "catalogVersion": "2026.08.21",
    "dateReleased": "2026-08-21T17:46:43.6019Z",
    "count": 1,
    "vulnerabilities": [
        {
            "cveID": "CVE-2024-1111",
            "vulnerabilityName": "Pump Controller Code Execution",
            "dateAdded": "2026-08-20",
            "dueDate": "2026-09-10",
            "knownRansomwareCampaignUse": "Known",
        }
    ],
}
TRACKER = {
    "pumpd": {
        "CVE-2024-1111": {
            "description": "code execution in the pump",
            "releases": {
                "bookworm": {
                    "status": "resolved",
                    "fixed_version": "1:2.0-3+deb12u1",
                    "urgency": "not yet assigned",
                    "repositories": {},
                },
                "trixie": {
                    "status": "resolved",
                    "fixed_version": "0",
                    "urgency": "unimportant",
                    "repositories": {},
                },
            },
        },
        "CVE-2024-2222": {
            "releases": {
                "bookworm": {
                    "status": "open",
                    "nodsa": "Minor issue",
                    "nodsa_reason": "",
                    "urgency": "low",
                }
            }
        },
    },
    "libpump": {
        "CVE-2024-1111": {
            "releases": {
                "bookworm": {
                    "status": "open",
                    "nodsa": "Ignored",
                    "nodsa_reason": "ignored",
                    "urgency": "medium**",
                }
            }
        }
    },
}
DEBIAN_ADVISORY = {
    "id": "DSA-5000-1",
    "date": "2026-08-01",
    "title": "pumpd - security update",
    "cves": ["CVE-2024-1111", "CVE-2024-2222"],
    "fixed": [["bookworm", "pumpd", "1:2.0-3+deb12u1"]],
}
SECDB = {
    "apkurl": "{{urlprefix}}/{{distroversion}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk",
    "archs": ["x86_64"],
    "reponame": "main",
    "urlprefix": "https://dl-cdn.example",
    "distroversion": "v3.20",
    "packages": [
        {
            "pkg": {
                "name": "pumpd",
                "secfixes": {
                    "2.0-r3": ["CVE-2024-1111 GHSA-aaaa-bbbb-cccc", "CVE-2024-3333 (+ regression)"],
                    "0": ["CVE-2024-2222"],
                },
            }
        }
    ],
}


def osv(
    identifier: str = "GHSA-aaaa-bbbb-cccc",
    *,
    ecosystem: str = "PyPI",
    name: str = "pump",
    **fields: Any,
) -> dict[str, Any]:
    """Return an OSV record of one package, affected before 2.0."""
    affected = [
        {
            "package": {"ecosystem": ecosystem, "name": name},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.0"}]}],
        }
    ]
    return {
        "id": identifier,
        "modified": "2026-08-01T00:00:00Z",
        "published": "2026-07-01T00:00:00Z",
        "affected": affected,
        **fields,
    }


def lines(*records: Mapping[str, Any]) -> bytes:
    """Return records as JSON lines."""
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def zipped(records: Mapping[str, Mapping[str, Any] | bytes]) -> bytes:
    """Return an archive of documents by name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, record in records.items():
            archive.writestr(name, record if isinstance(record, bytes) else json.dumps(record))
    return out.getvalue()


def feeds(folder: Path, **files: bytes | str | Mapping[str, Any]) -> Path:
    """Write a folder of feeds, under names that tell nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        data = (
            content
            if isinstance(content, bytes)
            else content.encode()
            if isinstance(content, str)
            else json.dumps(content).encode()
        )
        (folder / name).write_bytes(data)
    return folder


def all_feeds(folder: Path) -> Path:
    """Write one small feed of each layout."""
    return feeds(
        folder,
        a=gzip.compress(EPSS.encode()),
        b=CVSS,
        c=KEV,
        d=gzip.compress(json.dumps(TRACKER).encode()),
        e=lines(DEBIAN_ADVISORY, DEBIAN_ADVISORY | {"id": "DLA-1-1"}),
        f=SECDB,
        g=zipped(
            {
                "GHSA-aaaa-bbbb-cccc.json": osv(aliases=["CVE-2024-1111"]),
                "PYSEC-2026-1.json": osv("PYSEC-2026-1", name="Valve_Kit"),
            }
        ),
    )


def read(path: Path) -> list[Item]:
    """Return what the reader of a file yields."""
    with documents(path) as found:
        document = next(found)
        reader = recognise(document.head)
        assert reader is not None, document.head
        return list(reader.read(document))


def imported(source: Path, db: Path, *, allow_smaller: bool = False) -> ImportResult:
    """Import without a word."""
    return import_directory(source, db, lambda _: None, allow_smaller=allow_smaller)


@contextmanager
def store_of(source: Path, db: Path) -> Iterator[Store]:
    """Import a folder and open the database."""
    assert not imported(source, db).refused
    with open_store(db) as store:
        yield store


def outcomes(result: ImportResult) -> dict[str, str]:
    """Return what became of each feed, or of each source that has none."""
    return {line.feed or line.source: line.outcome.value for line in result.sources}


def bounds(entry: AffectedPackage) -> list[tuple[str, str]]:
    """Return the events of all ranges as (kind, version)."""
    return [(event.kind.value, event.version) for one in entry.ranges for event in one.events]


def fixed_in(entry: AffectedPackage) -> list[str]:
    """Return the versions that an entry names as fixed."""
    return [
        event.version
        for one in entry.ranges
        for event in one.events
        if event.kind is EventKind.FIXED
    ]
