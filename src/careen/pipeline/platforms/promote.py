"""Give the new index its names: layouts, archives of one, and registries."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from careen.errors import InputError
from careen.model.digest import Digest
from careen.oci.index.write import place_layout, write_layout_archive
from careen.oci.manifest import Descriptor
from careen.oci.reference import DockerArchive, OciLayout, RegistryImage, StorageImage
from careen.pipeline.run.outputs import staged
from careen.pipeline.run.promote import check_destination
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import Destination, Output, Place
from careen.registries.deliver import Packed, push
from careen.registries.referrers import Attachment


def check_index_destination(destination: Destination, original: str, session: Session) -> None:
    """Check early that an index can go where the user wants it. Raises InputError or ToolError."""
    if destination.tag is not None:
        msg = (
            f"-t {destination.tag}: an engine's store gets one platform; push the index with"
            " --push, write it with -o oci:DIR or oci-archive:FILE, or name one --platform"
        )
        raise InputError(msg)
    for output in destination.outputs:
        if isinstance(output, DockerArchive | StorageImage):
            other = (
                f"oci-archive:{output.path}"
                if isinstance(output, DockerArchive)
                else "docker://NAME or oci:DIR"
            )
            msg = f"-o {output}: holds one platform; write the index with -o {other}"
            raise InputError(msg)
    check_destination(destination, original, session)


def promote_index(
    layout: Path,
    index: Descriptor,
    attachments: Mapping[Digest, Sequence[Attachment]],
    destination: Destination,
    session: Session,
) -> tuple[str, ...]:
    """Write and push the index of a layout aside, then give it its names; return the names.

    `attachments` are by the manifest that they belong to, and go to registries alone.
    """
    names: dict[Place, Callable[[], str]] = {}
    with ExitStack() as aside:
        moves = []
        for output in destination.files:
            session.say(f"writing {output}")
            moves.append(aside.enter_context(_staged(layout, output, session)))
        size = sum(path.stat().st_size for path in (layout / "blobs" / "sha256").iterdir())
        made = Packed(layout, index.digest, size, is_index=True)
        for place in destination.outputs:
            if isinstance(place, RegistryImage):
                session.say(f"pushing {place}")
                names[place] = push(made, place, attachments, session.skopeo)
        # What is likeliest to fail comes first. Renaming needs neither space nor time.
        tagged = {place: name() for place, name in names.items()}
        for move in moves:
            move()
    return tuple(tagged.get(place, str(place)) for place in destination.outputs)


def _staged(
    layout: Path, output: Output, session: Session
) -> AbstractContextManager[Callable[[], None]]:
    def write(partial: Path) -> Path:
        assert not isinstance(output, DockerArchive)  # noqa: S101 — refused at the start
        made = partial / "layout"
        place_layout(layout, made, output.tag)
        if isinstance(output, OciLayout):
            return made
        archive = partial / "index.tar"
        with archive.open("wb") as stream:
            write_layout_archive(made, stream)
            stream.flush()
            os.fsync(stream.fileno())
        return archive

    return staged(output, session.space, write)
