"""The index that the user named, in a layout, an archive of one, or a registry."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from careen.errors import ImageError, InputError, ToolError
from careen.model.image import Platform
from careen.oci.index.listing import Listed, Listing, StoredIndex, with_platform
from careen.oci.index.write import check_manifest, copy_manifest
from careen.oci.reference import (
    DockerArchive,
    EngineImage,
    OciArchive,
    OciLayout,
    RegistryImage,
    in_registry,
    is_image_id,
    parse_reference,
)
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import Pull
from careen.registries.platforms import find_index

_WORD = re.compile(r"[A-Za-z0-9._-]{1,32}\Z")


@dataclass(frozen=True, slots=True)
class IndexSource:
    """An open index. `pinned` names it for the run of one platform: in a registry, by its digest.

    `platform_of` returns what an image's configuration states. `copy` copies a manifest with its
    blobs as it is into a layout; `check` refuses one that cannot be copied.
    """

    text: str
    pinned: str
    listing: Listing
    platform_of: Callable[[Listed], Platform]
    check: Callable[[Listed], None]
    copy: Callable[[Listed, Path], None]

    def images(self) -> tuple[tuple[Listed, Platform], ...]:
        """Return the images with their platforms, in the order of the index."""
        stated = ((item, item.platform or self.platform_of(item)) for item in self.listing.images)
        found = tuple((with_platform(item, platform), platform) for item, platform in stated)
        for item, platform in found:
            # It becomes part of file names and of lines on a terminal.
            if not all(_WORD.match(word) for word in (platform.os, platform.architecture)) or not (
                platform.variant == "" or _WORD.match(platform.variant)
            ):
                msg = (
                    f"{self.text}: manifest {item.digest}: its platform has a name of other"
                    " characters than letters, digits, '.', '_' and '-', or of more than 32"
                )
                raise ImageError(msg)
        return found


@contextmanager
def open_index(text: str, session: Session) -> Iterator[IndexSource]:
    """Find and list the index that `text` names.

    Raises InputError (no such image, a place that holds no index), ImageError or ToolError.
    """
    reference = parse_reference(text)
    if isinstance(reference, EngineImage):
        reference = _in_registry(text, session)
    match reference:
        case RegistryImage():
            yield _remote(text, reference, session)
        case OciLayout() | OciArchive():
            with _stored(reference, session) as source:
                yield source
        case DockerArchive(path, ref):
            # `docker save` of a store that holds several platforms writes both kinds in one.
            with _stored(OciArchive(path, ref), session) as source:
                yield source
        case _:
            msg = f"{text}: containers-storage holds one platform; name the registry's: docker://…"
            raise InputError(msg)


def _in_registry(text: str, session: Session) -> RegistryImage:
    """Return the registry's image of a plain name that no engine's store has, as `--pull` says."""
    pull = session.settings.pull
    if is_image_id(text):
        msg = f"{text}: is an image in an engine's store, which has one platform"
        raise InputError(msg)
    if pull is Pull.ALWAYS:
        return in_registry(text)
    try:
        session.resolve(text)
    except (InputError, ToolError):
        if pull is Pull.NEVER:
            raise
        return in_registry(text)
    msg = (
        f"{text}: is taken from an engine's store, where careen sees one platform; name the"
        f" registry's with docker://{text}, or use --pull always"
    )
    raise InputError(msg)


def _remote(text: str, image: RegistryImage, session: Session) -> IndexSource:
    session.say(f"asking the registry for the platforms of {image}")
    found = find_index(image, session.skopeo)

    def copy(item: Listed, layout: Path) -> None:
        session.say(f"fetching {image.at(item.digest)}")
        found.copy(item, layout, session.scratch("kept"), session.skopeo)

    return IndexSource(
        text,
        str(found.pinned),
        found.listing,
        lambda item: found.config_platform(item, session.skopeo),
        lambda item: found.check(item, session.skopeo),
        copy,
    )


@contextmanager
def _stored(reference: OciLayout | OciArchive, session: Session) -> Iterator[IndexSource]:
    index = StoredIndex(reference, session.scratch("index"), session.budget)

    def check(item: Listed) -> None:
        check_manifest(index.store, item.descriptor, str(reference))

    try:
        yield IndexSource(
            str(reference),
            str(reference),
            index.listing,
            index.config_platform,
            check,
            lambda item, layout: copy_manifest(
                index.store, item.descriptor, layout, str(reference)
            ),
        )
    finally:
        index.close()
