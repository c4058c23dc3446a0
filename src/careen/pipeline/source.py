"""Open the image that the user named, whichever way they named it, and look inside."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from careen.engines.docker import DockerEngine
from careen.engines.docker_stores.take import Taking, take_in_place
from careen.errors import InputError, ToolError
from careen.inventory.measure import measure
from careen.inventory.rpm import DATABASES, DIRECTORIES, MANIFEST
from careen.inventory.scan import scan
from careen.model.measure import Measure
from careen.model.package import Inventory
from careen.model.paths import ImagePath
from careen.oci.image import Image
from careen.oci.open import open_image
from careen.oci.reference import DockerArchive, EngineImage, elsewhere, parse_reference
from careen.oci.rootfs import Rootfs
from careen.pipeline.session import Session
from careen.rewrite.lighter_files import LighterFiles
from careen.rewrite.rpm_sqlite import is_rewritten


@dataclass(frozen=True)
class Examined:
    """An image with what was found inside."""

    image: Image
    rootfs: Rootfs
    inventory: Inventory
    measure: Measure

    @cached_property
    def lighter(self) -> LighterFiles:
        """Its ELF files without their symbols: looked at once for all plans of an image."""
        return LighterFiles(self.rootfs)

    @cached_property
    def foreign_databases(self) -> tuple[ImagePath, ...]:
        """The databases of rpm packages that careen does not rewrite. To see that one can be, it is copied and opened: once for all plans of an image."""
        places = (*(f"{directory}/{name}" for directory in DIRECTORIES for name in DATABASES), MANIFEST)
        found = (entry.path for path in places if (entry := self.rootfs.find(path)) is not None)
        return tuple(path for path in found if not is_rewritten(self.rootfs, path))


def open_source(text: str, session: Session) -> Image:
    """Open the image that `text` names (containers-transports(5)); a bare name is taken out of docker's store.

    Raises InputError (no such image, bad reference), ImageError (what is in it) or ToolError (no daemon for a bare name). The caller closes the image.
    """
    reference = parse_reference(text)
    if not isinstance(reference, EngineImage):
        return open_image(reference, session.settings.platform, session.scratch("image"), budget=session.budget)
    reason = DockerEngine.probe()
    if reason is not None:
        msg = _is_a_path(text) or (
            f"image {text!r} is in a container engine's store, and docker cannot be used: {reason}; "
            f"start the daemon, or name a file (docker-archive:FILE, oci:DIR, oci-archive:FILE)"
        )
        raise ToolError(msg)
    session.say(f"taking {text} out of docker's store")
    docker = DockerEngine(session.space)
    try:
        image_id, repository_digests = docker.resolve(reference.name)
    except InputError as error:
        if (hint := _is_a_path(text)) is None:
            raise
        raise InputError(hint) from error
    image = _out_of_store(image_id, text, docker, session)
    session.stored[image.ref.config_digest] = image_id
    # The manifest that `docker save` makes up on the way out is known to nobody else: the way back is the registry's digest, else docker's image ID.
    image.ref = replace(image.ref, manifest_digest=next((digest.rpartition("@")[2] for digest in repository_digests), None))
    return image


def _out_of_store(image_id: str, text: str, docker: DockerEngine, session: Session) -> Image:
    """Open an image where docker has it; where that cannot be done, write it out first."""
    scratch = session.scratch("image")
    platform = session.settings.platform
    image = take_in_place(image_id, Taking(text, platform, scratch, session.budget), session.space)
    if isinstance(image, Image):
        return image
    session.say(f"saving {text}, as it cannot be read in place ({image})")
    archive = session.scratch("export") / "image.tar"
    docker.export(image_id, archive)
    return open_image(DockerArchive(archive), platform, scratch, name=text, budget=session.budget)


def _is_a_path(text: str) -> str | None:
    """Say how to name it when a bare name, which docker does not know, is a file or a layout here, or lies elsewhere; else return None."""
    try:
        if Path(text).is_file():
            return f"image {text!r}: a bare name is one of docker's store, and this is a file: name it ./{text}"
        if (Path(text) / "oci-layout").is_file():
            return f"image {text!r}: a bare name is one of docker's store, and this is an OCI image layout: name it ./{text}"
    except OSError:  # no path at all, only too long a name
        return None
    advice = elsewhere(text)
    return f"image {text!r}: docker's store has none of that name; {advice}" if advice else None


def examine(image: Image, session: Session) -> Examined:
    """Read the merged root, the packages and the figures of an image."""
    session.say("reading the layers")
    rootfs = image.rootfs()
    session.say(f"taking stock of {len(rootfs):,} paths")
    inventory = scan(rootfs)
    return Examined(image, rootfs, inventory, measure(rootfs, inventory, image.reference, image.ref.digest))
