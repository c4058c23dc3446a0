"""Cache of results, so that an image is stripped once by the same plan or RBOM.

An entry names the blobs of the result, which lie in the cache of blobs. It counts while the place
of the original is unchanged, so that no image is opened.
"""

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from careen.errors import CareenError, ConfigError
from careen.formats.json_document import parse_object
from careen.model.measure import Measure
from careen.oci.documents import dump_json
from careen.oci.hashing import digest_of_bytes
from careen.oci.image import Image
from careen.oci.index.write import new_layout
from careen.oci.manifest import (
    OCI_INDEX,
    OCI_MANIFEST,
    REF_NAME,
    Compression,
    Descriptor,
    Index,
    parse_manifest,
)
from careen.oci.select import blob_name
from careen.oci.write import platform_document
from careen.pipeline.run.known_images import Place
from careen.pipeline.run.session import Session
from careen.registries.deliver import TAG, Packed
from careen.tools.cache import code_stamp

_SIZE = hashlib.sha256().digest_size
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownResult:
    """A result as an earlier run made it, in a layout of this run, and the figures of both."""

    made: Packed
    original: Measure
    result: Measure


def result_key(place: Place, basis: str, compression: Compression, session: Session) -> Key | None:
    """Return the key of what an image becomes, or None if its place may change.

    `basis` differs for another plan, or for another RBOM and other choices.
    """
    if session.known.cache is None or not place.state:
        return None
    time = os.environ.get("SOURCE_DATE_EPOCH", "")
    cut = session.settings.layers.value
    return "result", code_stamp(), place.state, basis, cut, compression.value, time


def known_result(key: Key | None, session: Session) -> KnownResult | None:
    """Return the result of an earlier run, with its verified blobs, or None."""
    cache = session.known.cache
    if key is None or cache is None or (found := cache.get(*key)) is None:
        return None
    try:
        if hashlib.sha256(found[_SIZE:]).digest() != found[:_SIZE]:
            msg = "a cached result: it is damaged"
            raise ConfigError(msg)
        document = parse_object(found[_SIZE:], "a cached result", ConfigError)
        known = _restored(document, session)
    except (CareenError, KeyError, TypeError, ValueError):
        known = None
    if known is None:
        cache.drop(*key)
        return None
    session.reused.add(images=1)
    return known


def note_result(
    key: Key | None, image: Image, made: Packed, measures: tuple[Measure, Measure], session: Session
) -> None:
    """Record a result for later runs; `measures` are of the original and of the result."""
    cache = session.known.cache
    if key is None or cache is None or not image.unchanged():
        return
    manifest = (made.path / blob_name(made.digest)).read_bytes()
    original, result = measures
    document = {
        "manifest": base64.b64encode(manifest).decode(),
        "config": base64.b64encode(image.config_bytes).decode(),
        "platform": platform_document(image.config.platform),
        "original": asdict(original),
        "result": asdict(result),
    }
    data = json.dumps(document).encode()
    cache.put(hashlib.sha256(data).digest() + data, *key)


def _restored(document: Mapping[str, Any], session: Session) -> KnownResult | None:
    """Return the result in a new layout, or None if the cache lacks a blob."""
    manifest_bytes = base64.b64decode(document["manifest"], validate=True)
    config_bytes = base64.b64decode(document["config"], validate=True)
    manifest = parse_manifest(manifest_bytes, OCI_MANIFEST, "a cached result")
    if isinstance(manifest, Index):
        return None
    layout = new_layout(session.scratch("known") / "layout")
    for blob in manifest.layers:
        target = layout / blob_name(blob.digest)
        if target.exists():
            continue
        taken = session.known_layers.take(blob.digest, blob.size)
        if taken is None:
            return None
        taken.rename(target)
    for data in (config_bytes, manifest_bytes):
        (layout / blob_name(digest_of_bytes(data))).write_bytes(data)
    digest = digest_of_bytes(manifest_bytes)
    named = {
        **Descriptor(OCI_MANIFEST, digest, len(manifest_bytes), {REF_NAME: TAG}).document(),
        "platform": document["platform"],
    }
    (layout / "index.json").write_bytes(
        dump_json({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [named]})
    )
    size = len(config_bytes) + len(manifest_bytes) + sum(blob.size for blob in manifest.layers)
    return KnownResult(
        Packed(layout, digest, size), _measure(document["original"]), _measure(document["result"])
    )


def _measure(document: Mapping[str, Any]) -> Measure:
    return Measure(**{each.name: document[each.name] for each in fields(Measure)})
