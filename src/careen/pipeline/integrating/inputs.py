"""Fingerprints of what decides about a result, and the identity of the image."""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from careen import __version__
from careen.errors import CareenError, ConfigError, InputError
from careen.model.rbom import ImageRef
from careen.oci.reference import (
    EngineImage,
    OciLayout,
    RegistryImage,
    StorageImage,
    full_name,
    parse_reference,
)
from careen.pipeline.findings.finding_policy import FindingPolicy
from careen.pipeline.hardening.choices import stated_choices
from careen.pipeline.integrating.decide import Inputs
from careen.pipeline.integrating.request import CiRequest
from careen.pipeline.integrating.state import Stored
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import Destination
from careen.pipeline.run.source import Located, locate, open_located
from careen.pipeline.watching.inputs import MAX_NAMED, feeds_of, fingerprint
from careen.registries.manifests import digest_of
from careen.registries.storage import image_id

if TYPE_CHECKING:
    from careen.pipeline.upgrading.options import PatchOptions  # slow to import


def look(
    request: CiRequest, stored: Stored | None, session: Session, configured: str = ""
) -> tuple[Inputs, str]:
    """Return the inputs, and the fingerprint of the image's place.

    `configured` is the `configuration` of the request, "" to compute it. Layers are read only for
    an image in a file that is not where the last run found it. Raises as `open_source`.
    """
    located = locate(request.image, session)
    place = place_of(located)
    named = (
        (stored.image, stored.layers)
        if stored is not None and place and stored.place == place
        else identity(located, session)
    )
    configured = configured or configuration(request)
    return Inputs(*named, configured, advisories_of(request.database)), place


def place_of(located: Located) -> str:
    """Return the fingerprint of where an image is, "" if nothing tells whether it changes."""
    state = located.place.state
    return fingerprint((_text(state),)) if state else ""


def advisories_of(database: Path | None) -> str:
    """Return the fingerprint of the advisories, "" without a database."""
    return feeds_of(database) if database is not None else ""


def identity(
    located: Located, session: Session, opened: ImageRef | None = None
) -> tuple[str, tuple[str, ...]]:
    """Return a digest of the image and those of its layers, as its place states them.

    `opened` is the image of a place that states nothing, None to read it there now.
    A registry states the digests of packed layers, a store those of unpacked ones. So a name that
    moves from one to the other has no layer in common.
    """
    if located.remote is not None:
        manifest = located.remote.manifest
        return str(manifest.config.digest), tuple(str(layer.digest) for layer in manifest.layers)
    if located.image_id:
        layers = session.store.layers_of(located.image_id)
        if layers:
            return located.image_id, layers
    ref = opened or session.known.at(located.place)
    if ref is None:
        image = open_located(located, session)
        try:
            ref = image.ref
        finally:
            image.close()
    return ref.config_digest, ref.diff_ids


def configuration(request: CiRequest) -> str:
    """Return the fingerprint of all choices but those that only judge findings."""
    picked = request.choices
    choices = stated_choices(
        replace(picked, like=None, previous=None),
        request.proof,
        FindingPolicy(),
        patch=request.patch is not None,
    )
    parts = [
        __version__.encode(),
        request.mode.value.encode(),
        json.dumps(choices, sort_keys=True).encode(),
        json.dumps(dict(request.settings), sort_keys=True).encode(),
        # What is stated is masked, and two choices may look the same then.
        _text(repr((request.proof, picked.keep, picked.remove, picked.remove_unneeded))),
        _text(repr(os.environ.get("SOURCE_DATE_EPOCH"))),
        _text(repr(request.workloads)),
        _text(repr(sorted(set(_places(request.destination))))),
        # What repr leaves out, for it may be secret; the fingerprint does not show it.
        *(_text(each.run.compose.document) for each in request.workloads if each.run.compose),
        *(() if request.patch is None else _patching(request.patch)),
    ]
    for path in request.named:
        # A file that is missing is reported where it is used.
        if path.is_file():
            parts += [_text(str(path)), _of_file(path)]
    return fingerprint(parts)


def _of_file(path: Path) -> bytes:
    """Return the SHA-256 of a file's content. Raises ConfigError as `read_file`."""
    try:
        with path.open("rb") as stream:
            if os.fstat(stream.fileno()).st_size > MAX_NAMED:
                msg = f"{path}: larger than the {MAX_NAMED} bytes that are compared of a file"
                raise ConfigError(msg)
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror or error}"
        raise ConfigError(msg) from error


def _places(destination: Destination) -> Iterator[str]:
    """Yield the names of a destination: the same for a name in a store and in its registry."""
    if destination.tag:
        yield full_name(destination.tag)
    for output in destination.outputs:
        yield full_name(output.name) if isinstance(output, RegistryImage) else str(output)


def _patching(options: "PatchOptions") -> tuple[bytes, bytes]:
    """Return the choices for patching; the policy's file is one of those that are named."""
    return _text(repr((options.choices, options.squash))), _text(repr(options.choices.environment))


def _text(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _pushed_digest(place: str) -> str:
    """Return the digest in the name that a push returned, "" for another place.

    Right after a push it is the digest of the result. What the tag leads to by then may be what
    somebody else has pushed since.
    """
    head, _, digest = place.partition("@")
    return digest if head.startswith("docker://") else ""


def result_digest(place: str, session: Session) -> str:
    """Return the digest of a result that was just promoted to a place, "" if it is not there.

    Raises as `digest_at`.
    """
    return _pushed_digest(place) or digest_at(place, session)


def digest_at(place: str, session: Session) -> str:
    """Return the digest that a result has at a place, "" if there is none.

    Raises ToolError for a registry or a store that does not answer.
    """
    head, _, digest = place.partition("@")
    # The tag is what others pull; it may have moved away from the digest.
    tagged = digest and place.startswith("docker://") and ":" in head.rpartition("/")[2]
    reference = parse_reference(head if tagged else place)
    try:
        match reference:
            case EngineImage():
                return session.resolve(reference.name)[0]
            case RegistryImage():
                return str(digest_of(reference, session.skopeo))
            case StorageImage():
                return str(image_id(reference, session.skopeo))
            case OciLayout():
                path = reference.path / "index.json"
            case _:
                path = reference.path
        with path.open("rb") as stream:
            return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
    except (InputError, OSError):
        return ""
    except CareenError as error:
        error.add_note(f"looking for the stored result at {place}")
        raise
