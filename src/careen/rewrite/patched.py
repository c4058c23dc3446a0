"""Layer of a patch: a container's changes without what does not belong into an image."""

import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from careen.errors import ToolError
from careen.model.entry import Entry, EntryKind
from careen.model.paths import ROOT, ImagePath, ancestors, image_path, parent
from careen.oci.created import epoch_seconds
from careen.oci.extents import Extents, FilePart
from careen.oci.image import Image
from careen.oci.tree.merge import merge
from careen.rewrite.patch_bytecode import drop_stale_byte_code
from careen.rewrite.patch_leftovers import LOGS, is_leftover
from careen.rewrite.patch_state import PathState, State, differences, path_state_of_entry
from careen.rewrite.patched_write import write_state

_FINEST = 0.001
_CLOCKS = 1.0  # seconds by which a file's time may lie before the system clock's


class PlacedFile(Protocol):
    """File that is placed over the container's changes."""

    @property
    def entry(self) -> Entry: ...
    @property
    def content(self) -> bytes: ...


# Podman adds the container's user to an image without accounts, and gives the root directory a mode
# of its own if no layer states one.
_ACCOUNTS = frozenset((ImagePath("/etc/passwd"), ImagePath("/etc/group")))
_PODMANS_ROOT, _STATED_BY_NONE = 0o555, 0o755


@dataclass(frozen=True, slots=True)
class PatchedFacts:
    """Times and mounts of a patch.

    `created` (RFC 3339) replaces all times from `begun` on (seconds since 1970). `mounts` are paths
    that only the container had.
    """

    created: str
    begun: float
    mounts: tuple[str, ...]


def patched_layer(
    image: Image,
    changes: Path,
    placed: Sequence[PlacedFile],
    removed: Sequence[ImagePath],
    facts: PatchedFacts,
    scratch: Path,
) -> Path | None:
    """Write the layer to a new file in `scratch`, and return its path, or None without changes.

    `changes` is a container's layer; `placed` and `removed` are applied on top. Entries are sorted
    and have their parents. Paths that differ from the original only in time are left out. The
    result is as reproducible as the package managers. Raises ImageError for a damaged layer,
    ToolError for what cannot be placed or written.
    """
    fd = os.open(changes, os.O_RDONLY | os.O_CLOEXEC)
    try:
        layers = [
            *(layer.extents for layer in image.layers),
            Extents([FilePart(fd, 0, os.fstat(fd).st_size)]),
        ]
        state = differences(image.merged(), merge(layers, image.budget), layers)
        mounts = [image_path(each, "a mount of the container") for each in facts.mounts]
        emptied = _drop_leftovers(state, mounts)
        _remove(state, frozenset(removed))
        _place(state, placed)
        _drop_unchanged(state)
        _clamp(state, facts)
        drop_stale_byte_code(state)
        # Engines create a missing working directory, and missing mount points of volumes.
        made = {
            image_path(place, "the image's config")
            for place in (image.config.working_dir, *image.config.volumes)
        }
        _drop_empty(state, emptied | made)
        return _written(state, scratch) if state.changed else None
    finally:
        os.close(fd)


def _drop_leftovers(state: State, mounts: Iterable[ImagePath]) -> set[ImagePath]:
    """Drop what must not stay, and return the directories that it was in."""
    emptied: set[ImagePath] = set()
    own = frozenset(mounts)
    for path, stand in list(state.changed.items()):
        now = stand if stand is not None else state.original(path)
        if _is_podmans(path, stand, state.original(path)):
            del state.changed[path]
            emptied.add(parent(path))
        elif is_leftover(path, is_directory=now is not None and now.is_dir) or not own.isdisjoint(
            (path, *ancestors(path))
        ):
            del state.changed[path]
            if not path.startswith(LOGS):
                emptied.add(parent(path))
    return emptied


def _is_podmans(path: ImagePath, now: PathState | None, before: PathState | None) -> bool:
    if path == ROOT and now is not None and before is not None:
        return (now.mode, before.mode) == (_PODMANS_ROOT, _STATED_BY_NONE)
    return path in _ACCOUNTS and before is None


def _remove(state: State, removed: frozenset[ImagePath]) -> None:
    if not removed:
        return
    for path in [*state.changed, *state.before]:
        if path != ROOT and not removed.isdisjoint((path, *ancestors(path))):
            state.drop(path)


def _place(state: State, placed: Iterable[PlacedFile]) -> None:
    wanted = {item.entry.path: path_state_of_entry(item.entry, item.content) for item in placed}
    for path in sorted(wanted):
        for above in reversed(ancestors(path)):
            there = state.now(above)
            if there is None:
                state.changed[above] = PathState(EntryKind.DIRECTORY, 0o755, 0, 0, float("inf"))
            elif not there.is_dir:
                msg = f"placing {path!r}: {above!r} is a {there.kind.value} and not a directory"
                raise ToolError(msg)
        there = state.now(path)
        if there is not None and there.is_dir and not wanted[path].is_dir:
            msg = f"placing {path!r}: it is a directory"
            raise ToolError(msg)
        state.changed[path] = wanted[path]


def _drop_unchanged(state: State) -> None:
    for path, stand in list(state.changed.items()):
        was = state.original(path)
        if (stand is None and was is None) or (
            stand is not None and was is not None and stand.same_as(was)
        ):
            del state.changed[path]


def _clamp(state: State, facts: PatchedFacts) -> None:
    created = float(epoch_seconds(facts.created))
    for path, stand in state.changed.items():
        if stand is None:
            continue
        was = state.before.get(path)
        if stand.mtime >= facts.begun - _CLOCKS:
            mtime = created
        elif was is not None and abs(was.inode.mtime - stand.mtime) < _FINEST:
            mtime = was.inode.mtime  # a file system may store times less precisely than a layer
        else:
            mtime = float(int(stand.mtime))
        state.changed[path] = replace(stand, mtime=mtime)


def _drop_empty(state: State, places: Iterable[ImagePath]) -> None:
    """Drop new directories that are empty, from these places upwards."""
    inhabited = state.inhabited()
    for place in sorted(places, key=len, reverse=True):
        for path in (place, *ancestors(place)):
            stand = state.changed.get(path)
            if (
                stand is None
                or not stand.is_dir
                or path in state.before
                or not state.is_empty(path, inhabited)
            ):
                break
            del state.changed[path]
            inhabited[parent(path)] -= 1


def _written(state: State, scratch: Path) -> Path:
    path: str | None = None
    try:
        fd, path = tempfile.mkstemp(prefix="layer-", suffix=".tar", dir=scratch)
        with os.fdopen(fd, "wb") as out:
            write_state(state, out)
    except BaseException as error:
        if path is not None:
            Path(path).unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        msg = (
            f"writing the patch's layer to {str(scratch)!r}: {error.strerror or error}; free some"
            " space, or name another disk with --work-dir"
        )
        raise ToolError(msg) from error
    return Path(path)
