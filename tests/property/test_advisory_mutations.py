"""Whatever bytes a feed has: a record is read or refused, a document is read or refused, and
nothing else ever comes out.
"""

import copy
import gzip
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import ijson  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from careen.advisories.database.codec import (
    affected_list,
    head_list,
    pack,
    read_affected,
    read_head,
)
from careen.advisories.database.verify import verify_database
from careen.advisories.documents import BROKEN, documents
from careen.advisories.feeds.head import read_head as read_document_head
from careen.advisories.feeds.port import Document, NotAboutPackages, Record, Refused
from careen.advisories.feeds.registry import READERS, recognise
from careen.errors import InputError
from careen.model.findings.advisory import (
    Advisory,
    AffectedPackage,
    AffectedRange,
    CvssScore,
    Event,
    EventKind,
    ImportedCode,
    RangeKind,
    Severity,
    VendorStatus,
)
from tests.support.feed_layouts import (
    DEBIAN_ADVISORY,
    EPSS,
    KEV,
    SECDB,
    TRACKER,
    feeds,
    imported,
    lines,
    osv,
    zipped,
)

REFUSALS = (InputError, ijson.JSONError, ValueError, *BROKEN)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
RICH = osv(
    aliases=["CVE-2024-1"],
    severity=[{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
    references=[{"type": "FIX", "url": "https://example.org"}],
    database_specific={"severity": "HIGH"},
)
RICH["affected"][0] |= {
    "versions": ["1"],
    "ecosystem_specific": {
        "imports": [{"path": "a", "symbols": ["b"]}],
        "affects": {"functions": ["a::b"]},
    },
}
SAMPLES: tuple[Any, ...] = (RICH, TRACKER, DEBIAN_ADVISORY, SECDB, KEV)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(found for key, child in inner for found in places(child, (*path, key)))]


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """Draw a feed with some of its values replaced or removed."""
    value = copy.deepcopy(draw(st.sampled_from(SAMPLES)))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(value)))
        if not path:
            return draw(VALUES)
        parent = value
        for key in path[:-1]:
            parent = parent[key]
        if draw(st.booleans()):
            parent[path[-1]] = draw(VALUES)
        else:
            del parent[path[-1]]
    return value


@settings(max_examples=400)
@given(mutated())
def test_every_reader_reads_or_refuses_any_value(value: Any) -> None:
    data = json.dumps(value).encode()
    head = read_document_head(data, complete=True)
    recognise(head)
    for reader in READERS:
        try:
            items = list(reader.read(Document("x", head, io.BufferedReader(io.BytesIO(data)))))
        except REFUSALS:
            continue
        for item in items:
            if isinstance(item, Record):
                assert all(advisory.id and advisory.feed for advisory in item.advisories)
            elif isinstance(item, Refused):
                assert item.reason
                assert len(item.reason) < 1000
            elif isinstance(item, NotAboutPackages):
                assert item.reason


@settings(max_examples=200)
@given(
    st.binary(max_size=300),
    st.sampled_from(
        [
            b"",
            b"{",
            b"[",
            b'{"id":',
            b"PK\x03\x04",
            b"\x1f\x8b\x08",
            b"\x28\xb5\x2f\xfd",
            b"cve,epss,percentile\n",
        ]
    ),
)
def test_any_bytes_are_read_or_refused(tail: bytes, start: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x")
        path.write_bytes(start + tail)
        try:
            with documents(path) as found:
                for document in found:
                    reader = recognise(document.head)
                    if reader is not None:
                        list(reader.read(document))
        except (*REFUSALS, OSError):
            pass


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_folder_with_bytes_changed_imports_and_the_database_is_sound(data: st.DataObject) -> None:
    whole = {
        "a": gzip.compress(EPSS.encode(), mtime=0),
        "b": lines(RICH, osv("B"), osv("C", ecosystem="npm")),
        "c": json.dumps(TRACKER).encode(),
        "d": zipped({"x": osv("D"), "y": SECDB}),
    }
    for name in list(whole):
        changed = bytearray(whole[name])
        for _ in range(data.draw(st.integers(0, 3))):
            changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
        whole[name] = bytes(changed)
    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder, "db")
        result = imported(feeds(Path(folder, "in"), **whole), db)
        assert {line.source for line in result.sources} == set(whole)  # never silence
        if db.exists():
            assert [check.problems for check in verify_database(db)] == [()] * 5


TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
ENTRIES = st.builds(
    AffectedPackage,
    TEXT,
    st.just("pump"),
    st.lists(
        st.builds(
            AffectedRange,
            st.sampled_from(RangeKind),
            st.lists(st.builds(Event, st.sampled_from(EventKind), TEXT), max_size=4).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
    TEXTS,
    st.sampled_from(VendorStatus),
    TEXT,
    TEXT,
    st.lists(st.builds(ImportedCode, TEXT, TEXTS), max_size=2).map(tuple),
    TEXT,
    TEXTS,
)
SCORES = st.lists(
    st.builds(CvssScore, TEXT, TEXT, TEXT, st.none() | st.floats(0, 10), st.sampled_from(Severity)),
    max_size=2,
).map(tuple)


@given(
    st.builds(
        Advisory,
        TEXT,
        TEXT,
        st.lists(ENTRIES, max_size=3).map(tuple),
        TEXTS,
        TEXTS,
        TEXTS,
        TEXT,
        TEXT,
        TEXT,
        TEXT,
        SCORES,
        TEXT,
        TEXTS,
    )
)
def test_an_advisory_comes_back_from_its_bytes(advisory: Advisory) -> None:
    affected = read_affected("pump", pack(affected_list(advisory.affected)))
    assert (
        read_head(
            advisory.id, advisory.feed, advisory.modified, affected, pack(head_list(advisory))
        )
        == advisory
    )
