"""mount(2) and umount2(2) for the embedded engine's overlay over the image's tree."""

import ctypes
import errno
import os
from pathlib import Path

from careen.errors import ToolError
from careen.tools.workspace import Leftover, Workspace

_MNT_DETACH = 2
_UMOUNT_NOFOLLOW = 8
_PAGE = 4096  # the kernel copies one page of mount data
_libc = ctypes.CDLL(None, use_errno=True)


def _mount(source: str, target: Path, kind: str, data: str) -> None:
    """Mount or raise OSError."""
    if (
        _libc.mount(
            source.encode(),
            os.fsencode(target),
            kind.encode(),
            ctypes.c_ulong(0),
            os.fsencode(data),
        )
        != 0
    ):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(target))


def unmount(name: str) -> None:
    """Unmount a path; do nothing if nothing is mounted there.

    A busy mount is detached, and the kernel ends it with its last user. Raises ToolError.
    """
    for flags in (_UMOUNT_NOFOLLOW, _UMOUNT_NOFOLLOW | _MNT_DETACH):
        if _libc.umount2(os.fsencode(name), flags) == 0:
            return
        number = ctypes.get_errno()
        if number in (errno.EINVAL, errno.ENOENT):
            return
        if number != errno.EBUSY:
            msg = f"unmounting {name!r}: {os.strerror(number)}"
            raise ToolError(msg)


def _escaped(path: Path) -> str:
    """Escape the characters that overlayfs reads as separators."""
    return str(path).replace("\\", "\\\\").replace(",", "\\,").replace(":", "\\:")


def _overlay(lower: Path, changes: Path, target: Path) -> None:
    for name in ("upper", "work"):
        (changes / name).mkdir(mode=0o755)
    data = (
        f"lowerdir={_escaped(lower)},upperdir={_escaped(changes / 'upper')},"
        f"workdir={_escaped(changes / 'work')}{_options()}"
    )
    if len(os.fsencode(data)) >= _PAGE:
        msg = (
            f"mounting the image's tree: the work directory's path is too long ({len(data)} bytes"
            " of mount options); name a shorter one with --work-dir"
        )
        raise ToolError(msg)
    _mount("overlay", target, "overlay", data)
    # The merged root has the upper directory's attributes: set them.
    seen = lower.stat()
    os.chown(target, seen.st_uid, seen.st_gid)
    target.chmod(seen.st_mode & 0o7777)


def upper_directory(base: Path) -> Path:
    """Return the upper directory of an overlay mounted at `base/rootfs`."""
    in_memory = base / "memory" / "upper"
    return in_memory if in_memory.is_dir() else base / "changes" / "upper"


def _options() -> str:
    """Return options that make the upper directory hold every change, if the kernel knows them."""
    known = Path("/sys/module/overlay/parameters")  # the kernel's defaults may differ
    return "".join(
        f",{name}=off" for name in ("redirect_dir", "metacopy") if (known / name).exists()
    )


def mount_overlay(
    lower: Path, base: Path, workspace: Workspace
) -> tuple[Path, tuple[Leftover, ...]]:
    """Mount a writable view of `lower` at `base/rootfs`, with its changes below `base`.

    Returns the mount point and the leftovers, oldest first. The changes are kept in memory if the
    work directory's file system cannot hold them, as inside a container. Raises ToolError.
    """
    target, changes = base / "rootfs", base / "changes"
    for path in (target, changes):
        path.mkdir(mode=0o755)
    mounted: list[Leftover] = []

    def remember(path: Path) -> None:
        leftover = Leftover("mount", str(path))
        workspace.record(leftover)
        mounted.append(leftover)

    try:
        remember(target)
        try:
            _overlay(lower, changes, target)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP, errno.EREMOTE):
                raise
            memory = base / "memory"
            memory.mkdir(mode=0o755)
            mounted.clear()
            workspace.forget(Leftover("mount", str(target)))
            remember(memory)
            _mount("tmpfs", memory, "tmpfs", "mode=755")
            remember(target)
            _overlay(lower, memory, target)
    except OSError as error:
        for leftover in reversed(mounted):
            unmount(leftover.name)
            workspace.forget(leftover)
        if error.errno == errno.ENODEV:
            msg = (
                "mounting the image's tree: this kernel has no overlay file system; load the module"
                " `overlay`, or use --engine docker"
            )
        elif error.errno == errno.EPERM:
            msg = (
                "mounting the image's tree: not permitted; the embedded engine needs root with"
                " CAP_SYS_ADMIN, or use --engine docker"
            )
        else:
            msg = f"mounting the image's tree at {str(target)!r}: {error.strerror}"
        raise ToolError(msg) from error
    return target, tuple(mounted)
