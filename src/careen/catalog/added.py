"""What is added to a root: mount points, homes of accounts, links, directories, and files."""

from dataclasses import dataclass

from careen.model.catalog.entry import AddedFile, Link, User
from careen.model.entry import Entry, EntryKind
from careen.model.paths import ImagePath, ancestors
from careen.oci.tar.write import END, TarHeaderFields, header, padding
from careen.oci.tree.rootfs import Rootfs

_PLAIN = 0o755
_MOUNT_POINTS = ("/dev", "/proc", "/sys")  # while a root is made, file systems hide them


@dataclass(frozen=True, slots=True)
class Additions:
    """What one layer adds."""

    users: tuple[User, ...] = ()
    links: tuple[Link, ...] = ()
    directories: tuple[str, ...] = ()
    files: tuple[AddedFile, ...] = ()


def added_layer(rootfs: Rootfs, added: Additions, seconds: int) -> bytes:
    """Return the tar of what is added, with the directories above.

    Equal input gives equal bytes.
    """
    made: dict[str, tuple[TarHeaderFields, bytes]] = {}
    for path in (*_MOUNT_POINTS, *added.directories):
        fields = TarHeaderFields(path[1:], EntryKind.DIRECTORY, _PLAIN, mtime=seconds)
        made[path] = (fields, b"")
    for user in added.users:
        fields = TarHeaderFields(
            user.home[1:], EntryKind.DIRECTORY, _PLAIN, user.uid, user.uid, mtime=seconds
        )
        made[user.home] = (fields, b"")
    for link in added.links:
        fields = TarHeaderFields(
            link.path[1:], EntryKind.SYMLINK, 0o777, link=link.target, mtime=seconds
        )
        made[link.path] = (fields, b"")
    for file in added.files:
        content = file.text.encode("utf-8", "surrogateescape")
        mode = 0o755 if file.executable else 0o644
        fields = TarHeaderFields(
            file.path[1:], EntryKind.FILE, mode, size=len(content), mtime=seconds
        )
        made[file.path] = (fields, content)
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
