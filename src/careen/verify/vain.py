"""Failed look-ups of removed paths in a hardened container."""

import errno
from collections.abc import Iterable

from careen.model.paths import ROOT, ImagePath, parent, source_of
from careen.model.runs.trace import Touch, Trace, Use
from careen.model.runs.vain import FailedLookup
from careen.oci.tree.rootfs import Rootfs
from careen.oci.tree.trace_names import TracePathResolver
from careen.verify.interpreter import interpreter_of

_ABSENT = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
_ORDER = {use: rank for rank, use in enumerate(Use)}


def looked_for_in_vain(
    traces: Iterable[Trace], original: Rootfs, result: Rootfs
) -> tuple[FailedLookup, ...]:
    """Return the failed look-ups of paths that the original has, most relevant first.

    Each pair of path and program occurs once, sorted by use (executions, mappings, opens, look-ups)
    and path. Names are resolved in the original, through its links, from their base directory. A
    failed execution of an existing program names its interpreter (`#!`, ELF loader). A failed
    creation names the missing directory.
    """
    best: dict[tuple[ImagePath, str], FailedLookup] = {}
    walks = (
        (TracePathResolver(trace, original), TracePathResolver(trace, result), trace.touches)
        for trace in traces
    )
    for before, after, touch in (
        (before, after, touch) for before, after, touches in walks for touch in touches
    ):
        found = _lost(touch, before, after)
        if found is None or _is_compiled_again(found, result):
            continue
        new = FailedLookup(
            found, touch.errno, touch.executable, touch.phases, touch.use, touch.first
        )
        old = best.get((found, touch.executable), new)
        first = min(old, new, key=lambda lookup: _ORDER[lookup.use])
        times = [lookup.first for lookup in (old, new) if lookup.first is not None]
        best[found, touch.executable] = FailedLookup(
            found,
            first.errno,
            first.executable,
            old.phases | new.phases,
            first.use,
            min(times, default=None),
        )
    return tuple(
        sorted(
            best.values(), key=lambda lookup: (_ORDER[lookup.use], lookup.path, lookup.executable)
        )
    )


def _is_compiled_again(path: ImagePath, result: Rootfs) -> bool:
    """Return whether the path is byte code whose source exists."""
    source = source_of(path)
    # Python reads the source instead.
    return source is not None and result.walk(source).final is not None


def _lost(touch: Touch, original: TracePathResolver, result: TracePathResolver) -> ImagePath | None:
    """Return the original's path that the touch would have reached, if the result lost it."""
    if touch.errno not in _ABSENT or touch.on_image is False:
        return None
    before, after = original.led(touch), result.led(touch)
    # If several directories may be meant, none is known to lack anything.
    if before.linked:
        return (
            _lost_behind(before.walks[0].end, original, result) if len(before.walks) == 1 else None
        )
    if touch.use is Use.EXECUTED and (program := after.plain.final) is not None:
        return _lost_interpreter(program.path, original.rootfs, result.rootfs)
    for follow in (True, False):  # a dangling link may be wanted too (readlink)
        if (wanted := original.plain(touch, follow=follow)).final is not None:
            return wanted.end if result.plain(touch, follow=follow).final is None else None
    return (
        _lost_directory(before.plain.end, original.rootfs, result.rootfs)
        if touch.use is Use.WRITTEN
        else None
    )


def _lost_behind(
    path: ImagePath, original: TracePathResolver, result: TracePathResolver
) -> ImagePath | None:
    return path if path in original.rootfs and result.rootfs.walk(path).final is None else None


def _lost_directory(path: ImagePath, original: Rootfs, result: Rootfs) -> ImagePath | None:
    """Return the parent directory, if the original has it and the result lost it."""
    above = parent(path)
    entry = original.get(above)
    return (
        above if entry is not None and entry.is_dir and result.walk(above).final is None else None
    )


def _lost_interpreter(program: ImagePath, original: Rootfs, result: Rootfs) -> ImagePath | None:
    interpreter = interpreter_of(result, program)
    if interpreter is None:
        return None
    wanted = original.walk(interpreter, ROOT)
    return (
        wanted.end
        if wanted.final is not None and result.walk(interpreter, ROOT).final is None
        else None
    )
