"""Comparison of one path of two images, aspect by aspect."""

from collections.abc import Callable

from careen.model.comparing.difference import Change, Difference
from careen.model.entry import Entry, EntryKind
from careen.oci.tree.rootfs import Rootfs

CHUNK = 1 << 20
_HEADER = 16  # of byte code


def same_content(one: Rootfs, two: Rootfs, a: Entry, b: Entry, stamp: int | None = None) -> bool:
    """Return whether two regular files are equal; streamed, in constant memory.

    What lies at the same place is not read: a kept file of a result is a range of the original.
    With `stamp`, the second one's header of byte code must name this time instead (PEP 552).
    """
    if a.size != b.size:
        return False
    if stamp is None and _same_place(one, two, a, b):
        return True
    with one.open(a.path) as left, two.open(b.path) as right:
        if stamp is not None:
            header = _exactly(left.read, _HEADER)
            expected = header[:8] + stamp.to_bytes(4, "little") + header[12:]
            if _exactly(right.read, _HEADER) != expected:
                return False
        while True:
            first, second = _exactly(left.read, CHUNK), _exactly(right.read, CHUNK)
            if first != second:
                return False
            if not first:
                return True


def _same_place(one: Rootfs, two: Rootfs, a: Entry, b: Entry) -> bool:
    left, right = one.extents(a.path), two.extents(b.path)
    return left is not None and right is not None and left.same_as(right)


def _exactly(read: Callable[[int], bytes], size: int) -> bytes:
    """Read `size` bytes, fewer only at the end: streams may return short reads."""
    data = read(size)
    while data and len(data) < size and (more := read(size - len(data))):
        data += more
    return data


def aspects(a: Entry, b: Entry) -> dict[str, tuple[str, str]]:
    """Return the differing aspects except content, each with its value before and after."""
    out: dict[str, tuple[str, str]] = {}
    if a.kind is not b.kind:
        return {"kind": (a.kind.value, b.kind.value)}
    # The kernel ignores the mode of a symlink.
    if a.mode != b.mode and a.kind is not EntryKind.SYMLINK:
        out["mode"] = (f"{a.mode:04o}", f"{b.mode:04o}")
    if (a.uid, a.gid) != (b.uid, b.gid):
        out["owner"] = (f"{a.uid}:{a.gid}", f"{b.uid}:{b.gid}")
    if a.is_file and a.size != b.size:
        out["size"] = (str(a.size), str(b.size))
    if a.target != b.target:
        out["target"] = (a.target, b.target)
    if a.device != b.device and a.kind in (EntryKind.CHARACTER, EntryKind.BLOCK):
        out["device"] = ("{}:{}".format(*a.device), "{}:{}".format(*b.device))
    if dict(a.xattrs) != dict(b.xattrs):
        out["xattrs"] = (
            ", ".join(sorted(a.xattrs)) or "none",
            ", ".join(sorted(b.xattrs)) or "none",
        )
    return out


def changed(entry: Entry, found: dict[str, tuple[str, str]]) -> Difference:
    """Return the Difference for a path with differing aspects."""
    return Difference(
        entry.path,
        Change.CHANGED,
        tuple(found),
        ", ".join(before for before, _ in found.values()),
        ", ".join(after for _, after in found.values()),
    )
