"""Locate, open and examine the image that the user named."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from careen.engines.client.engine import ClientEngine
from careen.engines.select import EngineKind
from careen.engines.stores.take import OpenRequest, open_in_place
from careen.errors import ImageError, InputError, ToolError
from careen.inventory.index import ImageIndex
from careen.inventory.measure import measure
from careen.inventory.rpm.find import DATABASES, DIRECTORIES, MANIFEST
from careen.inventory.scan import scan
from careen.model.measure import Measure
from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath
from careen.model.rbom import ImageRef
from careen.model.runs.reused import Reused
from careen.oci.image import Image
from careen.oci.open import open_image
from careen.oci.reference import (
    DockerArchive,
    EngineImage,
    OciArchive,
    OciLayout,
    Reference,
    RegistryImage,
    StorageImage,
    StoredImage,
    in_registry,
    is_image_id,
    other_name,
    parse_reference,
)
from careen.oci.select import host_platform, matches
from careen.oci.tree.rootfs import Content, Rootfs
from careen.pipeline.run.known_images import Place, place_in_store, place_of_files
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import Pull
from careen.registries.fetch import fetch, keep
from careen.registries.manifests import Remote, find
from careen.registries.skopeo import SKOPEO
from careen.registries.storage import image_id, take_out
from careen.rewrite.cut.times import CanonicalTimes
from careen.rewrite.lighter_files import SymbolFreeFiles
from careen.rewrite.rpm_sqlite import is_rewritten


@dataclass(frozen=True)
class Examined:
    """An image with its root file system, inventory and figures.

    `remembered` is the directory of what earlier runs read in files, or None; `reused` counts what
    of it was of use.
    """

    image: Image
    rootfs: Rootfs
    inventory: Inventory
    measure: Measure
    remembered: Path | None = None
    reused: Reused = field(default_factory=Reused)

    @cached_property
    def lighter(self) -> SymbolFreeFiles:
        """ELF files without their symbols, computed once for all plans."""
        return SymbolFreeFiles(self.rootfs)

    @cached_property
    def times(self) -> CanonicalTimes:
        """Times of files and directories that depend on contents alone, for all plans."""
        return CanonicalTimes(self.rootfs, self.inventory)

    @cached_property
    def foreign_databases(self) -> tuple[ImagePath, ...]:
        """Databases of rpm packages that careen does not rewrite."""
        # A database is copied and opened to see whether it can be rewritten: once per image.
        places = (
            *(f"{directory}/{name}" for directory in DIRECTORIES for name in DATABASES),
            MANIFEST,
        )
        found = (entry.path for path in places if (entry := self.rootfs.find(path)) is not None)
        return tuple(path for path in found if not is_rewritten(self.rootfs, path))


@dataclass(frozen=True, slots=True)
class Located:
    """An image that was found and not opened yet.

    `image_id` and `repository_digests` are of an image in an engine's store. `remote` is the image
    of a registry.
    """

    text: str
    reference: Reference
    place: Place
    image_id: str = ""
    repository_digests: tuple[str, ...] = ()
    remote: Remote | None = None

    @property
    def is_by_manifest(self) -> bool:
        """Whether the ID is of a manifest or of an index of platforms, as in containerd."""
        return any(digest.endswith(f"@{self.image_id}") for digest in self.repository_digests)

    def named(self, ref: ImageRef) -> ImageRef:
        """Return the reference of the image as it was named here."""
        if self.remote is not None:
            return replace(ref, reference=self.text, manifest_digest=str(self.remote.digest))
        if not self.image_id:
            return replace(ref, reference=str(self.reference))
        # `save` makes up a manifest that no registry has: use the registry's digest, else
        # none.
        return replace(
            ref,
            reference=self.text,
            manifest_digest=next(
                (digest.rpartition("@")[2] for digest in self.repository_digests), None
            ),
        )


def locate(text: str, session: Session) -> Located:
    """Find the image that `text` names (containers-transports(5)).

    A plain name is of the store of docker or podman, else of its registry, as `--pull` says. Raises
    InputError (no such image, bad reference) or ToolError (no engine, no registry).
    """
    reference = parse_reference(text)
    platform = session.settings.platform
    match reference:
        case EngineImage():
            return _plain(text, reference, session)
        case RegistryImage():
            return _remote(text, reference, session)
        case StorageImage():
            found = str(image_id(reference, session.skopeo))
            return Located(text, reference, place_in_store(found, platform))
        case _:
            return Located(text, reference, place_of_files(reference, platform))


def _plain(text: str, reference: EngineImage, session: Session) -> Located:
    """Find a plain name in an engine's store, else in its registry."""
    pull = session.settings.pull
    upstream = None if is_image_id(text) else in_registry(text)
    if pull is Pull.ALWAYS and upstream is not None:
        return _remote(text, upstream, session)
    try:
        found, repository_digests = session.resolve(reference.name)
    except (InputError, ToolError) as error:
        if (hint := _is_a_path(text)) is not None:
            raise InputError(hint) from error
        if pull is Pull.NEVER or upstream is None or SKOPEO.path() is None:
            raise _not_in_store(text, error) from error
        try:
            return _remote(text, upstream, session)
        except (InputError, ToolError) as refused:
            lacks = _lacks(session) if isinstance(error, InputError) else str(error)
            msg = f"image {text!r}: {lacks}; {refused}"
            raise type(refused)(msg) from refused
    place = place_in_store(found, session.settings.platform)
    return Located(text, reference, place, found, repository_digests)


def _lacks(session: Session) -> str:
    asked = EngineKind(session.settings.engine)
    if asked in {EngineKind.DOCKER, EngineKind.PODMAN}:
        return f"{asked.value}'s store, the only one asked (--engine), does not have it"
    return "no engine's store has it"


def _not_in_store(text: str, error: InputError | ToolError) -> InputError | ToolError:
    if isinstance(error, InputError):
        return error
    return ToolError(
        f"image {text!r} is in a container engine's store, and {error}; or name a"
        f" file (docker-archive:FILE, oci:DIR, oci-archive:FILE), or docker://{text} with skopeo"
        " installed"
    )


def _remote(text: str, image: RegistryImage, session: Session) -> Located:
    session.say(f"asking the registry for {image}")
    remote = find(image, session.settings.platform, session.skopeo)
    place = place_in_store(str(remote.digest), session.settings.platform)
    return Located(text, image, place, remote=remote)


def open_source(text: str, session: Session) -> Image:
    """Find and open an image; the caller closes it. Raises as `locate`, and ImageError."""
    return open_located(locate(text, session), session)


def open_located(located: Located, session: Session) -> Image:
    """Open and fully verify an image; the caller closes it. Raises InputError or ImageError."""
    reference = located.reference
    match reference:
        case EngineImage():
            session.say(f"taking {located.text} out of {session.store.name}'s store")
            image = _out_of_store(located.image_id, located.text, session.store, session)
            session.stored[image.ref.config_digest] = located.image_id
        case RegistryImage() if located.remote is not None:
            image = _out_of_registry(located.remote, located.text, session)
        case StorageImage():
            session.say(f"taking {located.text} out of its store")
            archive = take_out(reference, session.scratch("export") / "image.tar", session.skopeo)
            image = _open(archive, located.text, session)
        case DockerArchive() | OciLayout() | OciArchive():
            session.say(f"reading {reference}")
            image = _open(reference, str(reference), session)
        case _:
            raise AssertionError(located)
    image.ref = located.named(image.ref)
    image.unchanged = lambda: located.place.unchanged
    if is_lasting(located, image, session):
        session.known.note(located.place, image.ref)
    return image


def is_lasting(located: Located, image: Image, session: Session) -> bool:
    """Return whether an unchanged place leads to this image from now on.

    The ID of an index may get another platform later, which fits better than this image's.
    """
    wanted = session.settings.platform or host_platform()
    return not located.image_id or matches(image.config.platform, wanted)


def _open(reference: StoredImage, name: str, session: Session) -> Image:
    return open_image(
        reference,
        session.settings.platform,
        session.scratch("image"),
        name=name,
        budget=session.budget,
    )


def _out_of_registry(remote: Remote, text: str, session: Session) -> Image:
    """Fetch and open an image; damaged blobs of the cache are fetched again."""
    cache = session.blobs
    while True:
        session.say(f"fetching {text}")
        layout = fetch(remote, session.scratch("fetch") / "layout", cache, session.skopeo)
        try:
            image = _open(layout.reference, text, session)
        except ImageError:
            damaged = layout.damaged()
            if cache is None or not damaged:
                raise
            session.say(f"{len(damaged)} damaged blobs of the cache are fetched again")
            for digest in damaged:
                cache.drop(digest)
            continue
        if cache is not None:
            keep(layout, cache)
            session.reused.add(fetched=layout.borrowed_bytes)
        session.packed.update(layout.packed(image))
        return image


def known_at(located: Located, session: Session, content: Content) -> ImageIndex | None:
    """Return what an earlier run found in an image that is unchanged, or None.

    `content` opens its files.
    """
    ref = session.known.at(located.place)
    index = session.known.index(ref.config_digest, content) if ref is not None else None
    if ref is None or index is None:
        return None
    session.reused.add(images=1)
    if located.image_id:
        session.stored[ref.config_digest] = located.image_id
    return replace(index, ref=located.named(ref))


def _out_of_store(image_id: str, text: str, store: ClientEngine, session: Session) -> Image:
    """Open an image in an engine's store in place, or export it first if that is impossible."""
    scratch = session.scratch("image")
    platform = session.settings.platform
    image = open_in_place(
        store.client, image_id, OpenRequest(text, platform, scratch, session.budget), session.space
    )
    if isinstance(image, Image):
        return image
    session.say(f"saving {text}, as it cannot be read in place ({image})")
    archive = session.scratch("export") / "image.tar"
    store.export(image_id, archive)
    return open_image(DockerArchive(archive), platform, scratch, name=text, budget=session.budget)


def _is_a_path(text: str) -> str | None:
    """Return advice if a name that the store does not have is a path or an image elsewhere."""
    try:
        if Path(text).is_file():
            return (
                f"image {text!r}: a plain name is one of an engine's store or of a registry, and"
                f" this is a file: name it ./{text}"
            )
        if (Path(text) / "oci-layout").is_file():
            return (
                f"image {text!r}: a plain name is one of an engine's store or of a registry, and"
                f" this is an OCI image layout: name it ./{text}"
            )
    except OSError:  # not a path, for example too long
        return None
    advice = other_name(text)
    return f"image {text!r}: not found in the engine's store; {advice}" if advice else None


def examine(image: Image, session: Session) -> Examined:
    """Read the root file system, the packages and the figures of an image."""
    session.say("reading the layers")
    rootfs = image.rootfs()
    session.say(f"inventorying {len(rootfs):,} paths")
    inventory = scan(rootfs)
    cache = session.known.cache
    return Examined(
        image,
        rootfs,
        inventory,
        measure(rootfs, inventory, image.reference, image.ref.digest),
        cache.directory if cache is not None else None,
        session.reused,
    )
