"""Compare a running container's root with the image that the user named."""

import contextlib
import hashlib
import itertools
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from careen.errors import InputError
from careen.model.entry import Entry
from careen.model.paths import ImagePath
from careen.model.runs.attached import RunningContainer
from careen.oci.tree.rootfs import Rootfs
from careen.sensor.mounts import Mounts, parse_mountinfo

PER_LAYER, IN_ALL = 64, 512
READ_LIMIT = 64 << 10  # a larger file is compared by its size
MOUNTS_LIMIT = 1 << 20  # bytes; a container may have any number of mounts
_FEW = 4


@dataclass(frozen=True, slots=True)
class RootComparison:
    """Comparison of a container's root with an image.

    `compared` files were looked for; `differing` are missing or differ. `worst` is the largest
    share of differing files in one layer.
    """

    compared: int
    differing: tuple[ImagePath, ...]
    worst: float

    @property
    def same(self) -> bool:
        """Whether the root is that of the image, but for a few files."""
        # Containers write configuration at their start. At most a fifth of all files and half of a
        # layer may differ.
        return self.compared > 0 and len(self.differing) * 5 <= self.compared and self.worst <= 0.5  # noqa: PLR2004


def changes(running: RunningContainer, rootfs: Rootfs, named: str | None) -> tuple[str, ...]:
    """Return notes on how the container's root differs from the image.

    `named` is the reference if the user named the image; a clearly different one raises InputError.
    An image named by the engine is trusted.
    """
    likeness = compare(Path(f"/proc/{running.pid}"), rootfs)
    if likeness is None:
        return (
            ()
            if named is None
            else (f"the container ended before its root could be compared with image {named!r}",)
        )
    if not likeness.differing:
        return ()
    said = (
        f"{len(likeness.differing)} of {likeness.compared} files that were compared are missing or"
        f" differ, for example {likeness.differing[0]!r}"
    )
    if named is not None and not likeness.same:
        msg = (
            f"container {running.name!r} is not of image {named!r}: {said}; name the image that it"
            " was started from"
        )
        raise InputError(msg)
    return (f"the container's root has changed against the image: {said}",)


def compare(process: Path, rootfs: Rootfs) -> RootComparison | None:
    """Compare a sample of regular files below `process`/root with the image's.

    The sample is spread evenly over the paths of each layer; files under a mount are left out. No
    link is followed, and only regular files are read. Returns None if the process is gone.
    """
    try:
        root = os.open(process / "root", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        mounts = Mounts(parse_mountinfo(_text(process / "mountinfo")))
        compared, differing, worst = 0, list[ImagePath](), 0.0
        for entries in _samples(rootfs, mounts):
            seen = {entry.path: is_equal(root, entry, rootfs) for entry in entries}
            readable = [equal for equal in seen.values() if equal is not None]
            wrong = [path for path, equal in seen.items() if equal is False]
            compared += len(readable)
            differing += wrong
            if len(readable) >= _FEW:
                worst = max(worst, len(wrong) / len(readable))
    finally:
        os.close(root)
    return RootComparison(compared, tuple(differing), worst)


def _text(path: Path) -> str:
    with contextlib.suppress(OSError), path.open("rb") as stream:
        return stream.read(MOUNTS_LIMIT).decode("utf-8", "surrogateescape")
    return ""


def _samples(rootfs: Rootfs, mounts: Mounts) -> Iterator[list[Entry]]:
    """Yield files of each layer, the topmost first."""
    # Versions of one image differ most in the top layers.
    layers: dict[int, list[Entry]] = {}
    for entry in rootfs:
        if entry.is_file and entry.size:
            layers.setdefault(entry.layer, []).append(entry)
    left = IN_ALL
    for _, files in sorted(layers.items(), reverse=True):
        step = max(1, -(-len(files) // PER_LAYER))
        chosen = [entry for entry in files[::step] if not mounts.covers(entry.path)][:left]
        left -= len(chosen)
        yield chosen


def is_equal(root: int, entry: Entry, rootfs: Rootfs) -> bool | None:
    """Return whether a file is the image's, by its size alone if it cannot be read unnoticed.

    None if this user may not look at it.
    """
    try:
        with _held(root, entry.path) as here:
            status = os.fstat(here)
            if not stat.S_ISREG(status.st_mode) or status.st_size != entry.size:
                return False
            return entry.size > READ_LIMIT or _hash_of(here) in (
                hashlib.sha256(rootfs.read(entry.path, READ_LIMIT)).digest(),
                None,
            )
    except PermissionError:
        return None
    except OSError:
        return False


def reads_contents(root: int, rootfs: Rootfs) -> bool | None:
    """Return whether this user may read files of the root unnoticed, by the first that is there.

    None if none of the first files is there.
    """
    small = (entry for entry in rootfs if entry.is_file and 0 < entry.size <= READ_LIMIT)
    for entry in itertools.islice(small, PER_LAYER):
        with contextlib.suppress(OSError), _held(root, entry.path) as here:
            if stat.S_ISREG(os.fstat(here).st_mode):
                return _hash_of(here) is not None
    return None


@contextlib.contextmanager
def _held(root: int, path: ImagePath) -> Iterator[int]:
    """Hold a path below the root without following a link."""
    opened = list[int]()
    try:
        here = root
        for part in path.strip("/").split("/"):
            here = os.open(os.fsencode(part), os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here)
            opened.append(here)
        yield here
    finally:
        for fd in opened:
            os.close(fd)


def _hash_of(fd: int) -> bytes | None:
    """Return the SHA-256 of a regular file held by O_PATH; its access time is unchanged.

    None if that takes more rights than this user has.
    """
    try:
        reading = os.open(f"/proc/self/fd/{fd}", os.O_RDONLY | os.O_NOATIME | os.O_CLOEXEC)
    except PermissionError:
        return None
    with open(reading, "rb") as stream:  # noqa: PTH123
        return hashlib.sha256(stream.read(READ_LIMIT + 1)).digest()
