"""What is added to a root: mount points, homes of accounts, links, and apt's sources."""

from collections.abc import Mapping, Sequence

from careen.model.catalog.entry import Link, User
from careen.model.entry import Entry, EntryKind
from careen.model.paths import ImagePath, ancestors
from careen.oci.tar.write import END, TarHeaderFields, header, padding
from careen.oci.tree.rootfs import Rootfs

_PLAIN = 0o755
_MOUNT_POINTS = ("/dev", "/proc", "/sys")  # while a root is made, file systems hide them


def added_layer(
    rootfs: Rootfs,
    users: Sequence[User],
    links: Sequence[Link],
    files: Mapping[str, bytes],
    seconds: int,
) -> bytes:
    """Return the tar of what is added, with the directories above.

    Equal input gives equal bytes.
    """
    made: dict[str, tuple[TarHeaderFields, bytes]] = {}
    for path in _MOUNT_POINTS:
        fields = TarHeaderFields(path[1:], EntryKind.DIRECTORY, _PLAIN, mtime=seconds)
        made[path] = (fields, b"")
    for user in users:
        fields = TarHeaderFields(
            user.home[1:], EntryKind.DIRECTORY, _PLAIN, user.uid, user.uid, mtime=seconds
        )
        made[user.home] = (fields, b"")
    for link in links:
        fields = TarHeaderFields(
            link.path[1:], EntryKind.SYMLINK, 0o777, link=link.target, mtime=seconds
        )
        made[link.path] = (fields, b"")
    for path, content in files.items():
        fields = TarHeaderFields(path[1:], EntryKind.FILE, 0o644, size=len(content), mtime=seconds)
        made[path] = (fields, content)
    for path in list(made):
        for above in ancestors(ImagePath(path)):
            if above not in made and above != "/":
                made[above] = (_directory(above, rootfs.get(above), seconds), b"")
    parts = [
        header(fields) + content + bytes(padding(len(content)))
        for _, (fields, content) in sorted(made.items())
    ]
    return b"".join(parts) + END


def _directory(path: str, entry: Entry | None, seconds: int) -> TarHeaderFields:
    if entry is None or not entry.is_dir:
        return TarHeaderFields(path[1:], EntryKind.DIRECTORY, _PLAIN, mtime=seconds)
    return TarHeaderFields(
        path[1:], EntryKind.DIRECTORY, entry.mode, entry.uid, entry.gid, mtime=seconds
    )
