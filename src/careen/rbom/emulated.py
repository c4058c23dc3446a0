"""Libraries that an emulated program loaded: the emulator opens them, and maps nothing."""

from collections.abc import Iterable, Mapping

from careen.model.entry import Entry
from careen.model.machines import HALVES, HEADER, architecture_of
from careen.model.paths import ImagePath
from careen.model.rbom import FileUse
from careen.model.runs.trace import Use
from careen.oci.select import architecture_named
from careen.oci.tree.rootfs import Rootfs
from careen.rbom.merge import join_uses

UNRECOGNISED = (
    "{!r} is a program of {} and was started; no emulator was recognised (is binfmt_misc mounted?),"
    " so system calls may be those of one, and what it loaded may count as opened"
)


def unrecognised(
    rootfs: Rootfs, uses: Mapping[ImagePath, Iterable[FileUse]], machine: str
) -> str | None:
    """Return a note if a program of another machine was started in a run that is not marked.

    Raises ImageError if the content cannot be read.
    """
    host = architecture_named(machine)
    for path in sorted(uses):
        if any(use.use is Use.EXECUTED for use in uses[path]) and rootfs[path].is_file:
            architecture = _architecture(rootfs, rootfs[path])
            if architecture not in (None, host, HALVES.get(host)):
                return UNRECOGNISED.format(path, architecture)
    return None


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
    architecture = _architecture(rootfs, entry)
    # What the image states does not count: it may have programs of any machine.
    if architecture in (None, architecture_named(machine)):
        return uses
    loaded = (FileUse(Use.MAPPED, use.phases, use.executable, use.origin) for use in opened)
    return join_uses((*uses, *loaded))


def _architecture(rootfs: Rootfs, entry: Entry) -> str | None:
    with rootfs.open(entry.path) as stream:
        return architecture_of(stream.read(HEADER))
