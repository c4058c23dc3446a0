"""Whatever is done to an SBOM, reading it gives an inventory or one clear line."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from careen.errors import InputError
from careen.evidence.sbom.cyclonedx import to_cyclonedx_sbom
from careen.evidence.sbom.document import SbomDocument
from careen.evidence.sbom.read import read_sbom
from careen.evidence.sbom.spdx import to_spdx_sbom
from tests.support.scan_reports import CREATED, DIGEST, INVENTORY, SUBJECT

CHECKSUMS = {path: "a" * 40 for package in INVENTORY.packages.values() for path in package.files}
SYFT = {
    "schema": {"version": "16.0.18", "url": "https://example.org/syft/schema.json"},
    "distro": {"id": "debian", "versionID": "12", "idLike": ["x"]},
    "source": {"name": "app.tar", "metadata": {"userInput": "app:1", "manifestDigest": DIGEST}},
    "artifacts": [
        {
            "id": "p",
            "name": "libssl3",
            "version": "3",
            "purl": "pkg:deb/debian/libssl3@3?distro=debian-12",
            "foundBy": "c",
            "locations": [{"path": "/x", "annotations": {"evidence": "primary"}}],
            "licenses": [{"value": "MIT"}],
            "metadata": {"source": "openssl", "sourceVersion": "3", "sourceRpm": ""},
        }
    ],
    "files": [{"id": "f", "location": {"path": "/y"}}],
    "artifactRelationships": [{"parent": "p", "child": "f", "type": "contains"}],
}
DOCUMENTS = {
    "cyclonedx": json.loads(to_cyclonedx_sbom(SUBJECT, DIGEST, INVENTORY, created=CREATED)),
    "spdx": json.loads(
        to_spdx_sbom(SUBJECT, DIGEST, INVENTORY, created=CREATED, checksums=CHECKSUMS)
    ),
    "syft": SYFT,
}
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.sampled_from(
        ["pkg:", "pkg:a/b@", "pkg:deb//@?=&", "/../..", "\0", "\ud800", "sha256:", "a" * 5000]
    ),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)


def places(document: Any) -> list[tuple[Any, Any]]:
    """Every container with each of its keys or positions."""
    out: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting:
        item = waiting.pop()
        keys = (
            list(item)
            if isinstance(item, dict)
            else list(range(len(item)))
            if isinstance(item, list)
            else []
        )
        out.extend((item, key) for key in keys)
        waiting.extend(item[key] for key in keys)
    return out


def read_or_refuse(data: bytes) -> SbomDocument | None:
    try:
        return read_sbom(data, "changed")
    except InputError as error:
        message = str(error)
    assert message.startswith("changed:")
    assert "\n" not in message
    return None


@pytest.mark.parametrize("name", DOCUMENTS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_changed_document_is_read_or_refused(name: str, data: st.DataObject) -> None:
    document = json.loads(json.dumps(DOCUMENTS[name]))
    for _ in range(data.draw(st.integers(1, 6))):
        container, key = data.draw(st.sampled_from(places(document)))
        if data.draw(st.booleans()):
            container[key] = data.draw(VALUES)
        else:
            del container[key]
        if not places(document):
            break
    found = read_or_refuse(json.dumps(document).encode())
    if found is not None:
        assert all(
            purl == package.purl and package.version
            for purl, package in found.inventory.packages.items()
        )
        to_cyclonedx_sbom(found.subject, found.digest, found.inventory, created="")


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_cut_or_flipped_bytes_are_read_or_refused(data: st.DataObject) -> None:
    raw = bytearray(json.dumps(DOCUMENTS[data.draw(st.sampled_from(sorted(DOCUMENTS)))]).encode())
    for _ in range(data.draw(st.integers(0, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(raw[: data.draw(st.integers(0, len(raw)))])
    read_or_refuse(cut)
