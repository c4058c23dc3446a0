"""Permission bits of a path for one user without capabilities."""

from careen.model.entry import Entry


def may(entry: Entry, uid: int, gid: int, wanted: int) -> bool:
    """Return whether a user has the permissions `wanted` (4 read, 2 write, 1 execute or search)."""
    if entry.is_symlink:
        return True
    shift = 6 if entry.uid == uid else 3 if entry.gid == gid else 0
    return (entry.mode >> shift) & wanted == wanted
