"""Documents about an image in the layout, or the archive of one, that the image was taken from."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.model.attestations.ended import EndedDocument, EndedKind
from careen.model.digest import Digest
from careen.model.runs.run_budget import RunBudget
from careen.oci.blobs import ArchiveStore, DirectoryStore, Store, read_document
from careen.oci.documents import as_list, as_object, as_texts, read_json
from careen.oci.index.ended import (
    COSIGN_TAGS,
    built_in,
    descriptors,
    list_tag,
    listed,
    under_tag,
)
from careen.oci.index.listing import SUBJECT
from careen.oci.index.walk import walk
from careen.oci.manifest import Descriptor, parse_descriptor
from careen.oci.reference import OciArchive, OciLayout
from careen.oci.select import SAVED, SAVED_DOCUMENTS, blob_name, names_of, read_blob

_SAVED_KINDS = dict(
    zip(
        SAVED_DOCUMENTS,
        (EndedKind.SIGNATURE, EndedKind.ATTESTATION, EndedKind.SBOM),
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class _Held:
    """A manifest or an index of the layout, with its descriptor; `inner` are those of an index."""

    descriptor: Descriptor
    data: bytes
    document: Mapping[str, Any]
    inner: tuple[Descriptor, ...]


def stored_documents(
    reference: OciLayout | OciArchive, digest: Digest, scratch: Path, budget: RunBudget
) -> tuple[EndedDocument, ...]:
    """Return what a layout holds about a manifest, and about the indexes that lead to it.

    Raises InputError, ImageError or BudgetError.
    """
    where = str(reference)
    with ExitStack() as files:
        store: Store = (
            DirectoryStore(reference.path, files)
            if isinstance(reference, OciLayout)
            else ArchiveStore(reference.path, scratch, files, budget)
        )
        held = _held(store, where)
        subjects = _subjects(held, digest)
        return tuple(each for item in held for each in _about(item, subjects, digest, where))


def _held(store: Store, where: str) -> tuple[_Held, ...]:
    """Return what index.json leads to; a manifest that is not in the layout is left out."""
    place = f"{where}: index.json"
    top = as_object(read_json(read_document(store, "index.json", where), place), place)
    roots = as_list(top.get("manifests"), place)
    found: list[_Held] = []

    def visit(descriptor: Descriptor) -> Sequence[Descriptor]:
        if store.find(blob_name(descriptor.digest)) is None:
            return ()
        at = f"{where}: manifest {descriptor.digest}"
        data = read_blob(store, descriptor, at)
        document = as_object(read_json(data, at), at)
        inner = as_list(document["manifests"], at) if "manifests" in document else ()
        held = _Held(
            descriptor, data, document, tuple(parse_descriptor(each, at) for each in inner)
        )
        found.append(held)
        return held.inner

    walk([parse_descriptor(each, place) for each in roots], visit, where)
    return tuple(found)


def _subjects(held: Sequence[_Held], digest: Digest) -> frozenset[Digest]:
    """Return the digest, and those of the indexes that hold it."""
    known = {digest}
    for _ in range(len(held)):
        more = {
            item.descriptor.digest
            for item in held
            if any(each.digest in known for each in item.inner)
        }
        if more <= known:
            break
        known |= more
    return frozenset(known)


def _about(
    item: _Held, subjects: frozenset[Digest], digest: Digest, where: str
) -> Iterator[EndedDocument]:
    """Yield what a manifest or an index says about one of the subjects."""
    at = f"{where}: manifest {item.descriptor.digest}"
    names = {name.rpartition(":")[2] for name in names_of(item.descriptor)}
    for about in sorted(subjects):
        tag = list_tag(about)
        for ending, kind in COSIGN_TAGS.items():
            if f"{tag}{ending}" in names:
                yield from under_tag(item.data, kind, about, f"{where}: {tag}{ending}")
        if tag in names:
            yield from listed(item.data, about, f"{where}: {tag}")
        if item.descriptor.annotations.get(SUBJECT) == str(about):
            yield built_in(item.data, item.descriptor.digest, about, where)
            continue
        subject = item.document.get("subject")
        if subject is not None and parse_descriptor(subject, f"{at}.subject").digest == about:
            config = as_object(item.document.get("config", {}), f"{at}.config")
            artifact = item.document.get("artifactType") or config.get("mediaType") or ""
            own = {
                **item.descriptor.document(),
                "artifactType": artifact,
                "annotations": as_texts(item.document.get("annotations"), at),
            }
            yield from descriptors([own], about, where)
    saved = _SAVED_KINDS.get(item.descriptor.annotations.get(SAVED, ""))
    if saved is not None:  # such a layout has one image
        yield from under_tag(item.data, saved, digest, where)
