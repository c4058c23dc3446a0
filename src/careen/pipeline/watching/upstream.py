"""Digest of a source's current image, without moving the image.

Sources are docker's store, a registry, a layout, or a file.
"""

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from careen.engines.client.client import DOCKER
from careen.errors import CareenError, InputError
from careen.oci.documents import as_list, as_object, read_json
from careen.oci.limits import MAX_DOCUMENT
from careen.oci.manifest import REF_NAME
from careen.oci.reference import (
    DockerArchive,
    EngineImage,
    OciArchive,
    OciLayout,
    RegistryImage,
)
from careen.pipeline.watching.image_list import Watched
from careen.pipeline.watching.state import Upstream
from careen.registries.manifests import digest_of
from careen.registries.skopeo import Skopeo
from careen.tools.read_file import read_file

MAX_PARALLEL = 8
"""Sources that are asked at the same time; most of the time is waiting."""

_CHUNK = 1 << 20
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


def ask_all(asked: Sequence[Asked], ask: Callable[[Asked], Answer]) -> list[Answer | CareenError]:
    """Ask about each item, several at a time; an error stands in the item's place."""

    def one(item: Asked) -> Answer | CareenError:
        try:
            return ask(item)
        except CareenError as error:
            return error

    with ThreadPoolExecutor(MAX_PARALLEL) as pool:
        return list(pool.map(one, asked))


def ask_upstream(watched: Watched, known: Upstream, skopeo: Skopeo) -> Upstream:
    """Return the current image of a source. Raises InputError or ToolError.

    A file is not read if its size, time and inode are those of `known`.
    """
    reference = watched.reference
    match reference:
        case RegistryImage():
            return Upstream(str(digest_of(reference, skopeo)))
        case EngineImage():
            return Upstream(in_store(reference.name, f"image {watched.source!r}"))
        case OciLayout():
            return Upstream(_of_layout(reference))
        case DockerArchive() | OciArchive():
            return _of_file(reference.path, known)
    raise AssertionError(reference)  # the list has no others


def in_store(name: str, what: str) -> str:
    """Return the id of an image in docker's store. Raises InputError if it has no such name."""
    found = DOCKER.inspect_image(name)
    if found is None:
        msg = f"{what}: not found in docker's store; pull or build it first"
        raise InputError(msg)
    return str(found.get("Id"))


def result_in_store(tag: str) -> str:
    """Return the id of the tag's image in docker's store, or ""."""
    found = DOCKER.inspect_image(tag)
    return "" if found is None else str(found.get("Id"))


def _of_layout(reference: OciLayout) -> str:
    """Return the digest of the tagged image, or of a layout's index without a tag."""
    path = reference.path / "index.json"
    data = read_file(path, MAX_DOCUMENT)
    if reference.tag is None:
        return f"sha256:{hashlib.sha256(data).hexdigest()}"
    where = str(path)
    manifests = as_list(
        as_object(read_json(data, where), where).get("manifests"), f"{where}: manifests"
    )
    named = [
        item
        for item in manifests
        if isinstance(item, dict) and (item.get("annotations") or {}).get(REF_NAME) == reference.tag
    ]
    digests = sorted(str(item.get("digest")) for item in named)
    if not digests:
        msg = f"{path}: no image has the name {reference.tag!r}"
        raise InputError(msg)
    return (
        digests[0]
        if len(digests) == 1
        else f"sha256:{hashlib.sha256(' '.join(digests).encode()).hexdigest()}"
    )


def _of_file(path: Path, known: Upstream) -> Upstream:
    try:
        with path.open("rb") as stream:
            seen = os.fstat(stream.fileno())
            stamp = f"{seen.st_size} {seen.st_mtime_ns} {seen.st_ino}"
            if known.stamp == stamp:
                return known
            digest = hashlib.sha256()
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror or error}"
        raise InputError(msg) from error
    return Upstream(f"sha256:{digest.hexdigest()}", stamp)
