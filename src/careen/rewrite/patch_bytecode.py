"""Removal of stale Python byte code after a patch (PEP 3147, PEP 552)."""

import re

from careen.model.entry import EntryKind
from careen.model.paths import ImagePath, join, name, parent, source_of
from careen.rewrite.patch_state import PathState, State

_CACHE = "__pycache__"
_HEADER = 16
_BY_HASH = 1
_COMPILED = re.compile(r"([^.]+)\.[^/]*\.pyc\Z", re.DOTALL)


def drop_stale_byte_code(state: State) -> None:
    """Drop byte code without a source or of another source.

    Byte code of unchanged sources is restored to the original's.
    """
    for path, source in sorted(
        (path, source) for path in _concerned(state) if (source := source_of(path)) is not None
    ):
        compiled, text = state.now(path), state.now(source)
        # Package managers compile the modules that they import.
        if text is not None and source not in state.changed:
            state.changed.pop(path, None)
        elif compiled is not None and (
            text is None or not _belongs(compiled, text, is_new=path in state.changed)
        ):
            state.drop(path)
    caches = {parent(path) for path in state.changed if name(parent(path)) == _CACHE} | {
        path for path in state.changed if name(path) == _CACHE
    }
    inhabited = state.inhabited()
    for directory in caches:
        if state.now(directory) is not None and state.is_empty(directory, inhabited):
            state.drop(directory)


def _concerned(state: State) -> set[ImagePath]:
    """Return the byte code that changed, or whose source changed."""
    out: set[ImagePath] = set()
    for path, stand in list(state.changed.items()):
        if path.endswith(".pyc") and name(parent(path)) == _CACHE and _COMPILED.match(name(path)):
            out.add(path)
        elif path.endswith(".py"):
            cache = join(parent(path), _CACHE)
            stem = name(path)[: -len("py")]
            out.update(join(cache, each) for each in _cached(state, cache, stem))
            # Python imports it only if the source is missing.
            beside = ImagePath(f"{path}c")
            if stand is None and beside in state.before and beside not in state.changed:
                state.changed[beside] = None
    return out


def _cached(state: State, cache: ImagePath, stem: str) -> list[str]:
    return [
        each for each in state.names_in(cache) if each.startswith(stem) and _COMPILED.match(each)
    ]


def _belongs(compiled: PathState, text: PathState, *, is_new: bool) -> bool:
    """Return whether byte code belongs to the changed source `text`."""
    if compiled.kind is not EntryKind.FILE or compiled.content is None:
        return False
    if text.kind is EntryKind.SYMLINK:
        return True  # the target is unknown; Python checks it
    header = compiled.content.read_at(0, _HEADER)
    if len(header) < _HEADER:
        return False
    if int.from_bytes(header[4:8], "little") & _BY_HASH:
        return is_new  # older byte code belongs to the earlier source
    stated = int.from_bytes(header[8:12], "little"), int.from_bytes(header[12:16], "little")
    return stated == (int(text.mtime) & 0xFFFFFFFF, text.size & 0xFFFFFFFF)
