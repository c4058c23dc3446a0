"""Libraries that an emulated program loaded: the emulator opens them, and maps nothing."""

from collections.abc import Iterable

from careen.model.entry import Entry
from careen.model.machines import HEADER, architecture_of
from careen.model.rbom import FileUse
from careen.model.runs.trace import Use
from careen.oci.select import architecture_named
from careen.oci.tree.rootfs import Rootfs
from careen.rbom.merge import join_uses


def with_loaded(
    rootfs: Rootfs, entry: Entry, uses: Iterable[FileUse], machine: str
) -> tuple[FileUse, ...]:
    """Return the uses of a file in an emulated run; opened code of other machines is loaded.

    `machine` is that of the run's kernel, as `uname -m` names it. Raises ImageError if the content
    cannot be read.
    """
    uses = tuple(uses)
    opened = [use for use in uses if use.use is Use.OPENED]
    if not opened or not entry.is_file or entry.size < HEADER:
        return uses
    with rootfs.open(entry.path) as stream:
        architecture = architecture_of(stream.read(HEADER))
    # What the image states does not count: it may have programs of any machine.
    if architecture in (None, architecture_named(machine)):
        return uses
    loaded = (FileUse(Use.MAPPED, use.phases, use.executable, use.origin) for use in opened)
    return join_uses((*uses, *loaded))
