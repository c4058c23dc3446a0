"""Writer of a state as a layer, with whiteouts and parent directories."""

from typing import BinaryIO

from careen.model.entry import EntryKind
from careen.model.paths import ImagePath, ancestors, join, name, parent
from careen.oci.tar.write import END, TarHeaderFields, header, padding
from careen.oci.tree.layer_tree import WHITEOUT
from careen.oci.tree.nodes import UNSTATED
from careen.rewrite.patch_state import PathState, State

_CHUNK = 1 << 20
_HIDDEN = PathState(EntryKind.FILE, 0, 0, 0, 0.0)


def write_state(state: State, out: BinaryIO) -> None:
    """Write the layer, sorted by path, with the directories above each entry."""
    # Engines create missing parents with attributes of their own.
    stated: dict[ImagePath, PathState] = {}
    for path, stand in state.changed.items():
        if stand is not None:
            stated[path] = stand
        elif _is_seen(state, path):
            stated[join(parent(path), WHITEOUT + name(path))] = _HIDDEN
    for path in list(stated):
        for above in ancestors(path):
            if above in stated:
                break
            node = state.before.get(above)
            held = state.now(above)
            if node is not None and node.layer != UNSTATED and held is not None:
                stated[above] = held
    leaders: dict[int, ImagePath] = {}
    for path in sorted(stated):
        _write(path, stated[path], leaders, out)
    out.write(END)


def _is_seen(state: State, path: ImagePath) -> bool:
    """Return whether the original's path would be visible without a whiteout."""
    above = parent(path)
    node, now = state.before.get(above), state.now(above)
    return node is not None and node.children is not None and now is not None and now.is_dir


def _write(path: ImagePath, stand: PathState, leaders: dict[int, ImagePath], out: BinaryIO) -> None:
    label = path[1:] or "."
    if stand.link is not None and (leader := leaders.setdefault(stand.link, path)) != path:
        out.write(
            header(
                TarHeaderFields(
                    label,
                    stand.kind,
                    stand.mode,
                    stand.uid,
                    stand.gid,
                    0,
                    stand.mtime,
                    leader[1:],
                    hard_link=True,
                    xattrs=stand.xattrs,  # unpacking a link takes file capabilities away
                )
            )
        )
        return
    mode = 0o777 if stand.kind is EntryKind.SYMLINK else stand.mode
    out.write(
        header(
            TarHeaderFields(
                label,
                stand.kind,
                mode,
                stand.uid,
                stand.gid,
                stand.size,
                stand.mtime,
                stand.target,
                device=stand.device,
                xattrs=stand.xattrs,
            )
        )
    )
    if stand.content is not None:
        out.writelines(stand.content.read_at(at, _CHUNK) for at in range(0, stand.size, _CHUNK))
        out.write(bytes(padding(stand.size)))
