"""An image whose package managers can be asked without opening it: an earlier run read it."""

from contextlib import ExitStack
from dataclasses import dataclass

from careen.model.image import ImageConfig
from careen.model.packages.package import Inventory
from careen.model.patching import PatchChoices
from careen.oci.tree.rootfs import Content
from careen.patch.find import patchers
from careen.patch.port import Ground
from careen.pipeline.findings.scan_source import ImageLater
from careen.pipeline.run.known_files import KnownContent, NotedContent, keep_files, known_files
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined, Located, known_at
from careen.pipeline.upgrading.survey import Asked


@dataclass(frozen=True, slots=True)
class KnownImage:
    """An image of the engine's store: its ID there, its configuration, its paths and packages."""

    image_id: str
    config: ImageConfig
    asked: Asked


def known_image(located: Located, session: Session, opened: ExitStack) -> KnownImage | None:
    """Return an image if the engine has it, and an earlier run has read it; else None.

    A file that is not known opens the image, which `opened` closes.
    """
    ref = session.known.at(located.place)
    if ref is None or (known := known_files(session.known.cache, ref.config_digest)) is None:
        return None
    later = ImageLater(located, session, opened, ref.config_digest)
    index = known_at(located, session, KnownContent(known.files, later))
    image_id = session.stored_for(session.engine).get(ref.config_digest)
    if index is None or image_id is None:
        return None
    return KnownImage(image_id, known.config, Asked(index.ref, index.rootfs, index.inventory))


def keep_for_survey(original: Examined, stock: Inventory, session: Session) -> None:
    """Store what the package managers of an open image read before they are asked."""
    if session.known.cache is None:
        return
    noted: list[NotedContent] = []

    def note(content: Content) -> Content:
        noted.append(NotedContent(content))
        return noted[0]

    patchers(Ground(original.rootfs.through(note), stock, PatchChoices()))
    keep_files(session.known.cache, original.image.config_bytes, noted[0].files)
