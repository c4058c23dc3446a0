"""Libraries that an emulated program loaded: the emulator opens them, and maps nothing."""

from collections.abc import Iterable

from careen.model.entry import Entry
from careen.model.machines import HEADER, architecture_of
from careen.model.rbom import FileUse, ImageRef
from careen.model.runs.trace import Use
from careen.oci.tree.rootfs import Rootfs
from careen.rbom.merge import join_uses


def with_loaded(
    rootfs: Rootfs, entry: Entry, uses: Iterable[FileUse], image: ImageRef
) -> tuple[FileUse, ...]:
    """Return the uses of a file in an emulated run; opened code of the image's machine is loaded.

    Raises ImageError if the content cannot be read.
    """
    uses = tuple(uses)
    opened = [use for use in uses if use.use is Use.OPENED]
    if not opened or not entry.is_file or entry.size < HEADER:
        return uses
    with rootfs.open(entry.path) as stream:
        architecture = architecture_of(stream.read(HEADER))
    if architecture is None or architecture not in image.platform.split("/")[1:2]:
        return uses
    loaded = (FileUse(Use.MAPPED, use.phases, use.executable, use.origin) for use in opened)
    return join_uses((*uses, *loaded))
