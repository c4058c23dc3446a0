"""The digests of what the first run of mmdebstrap has fetched, against those of a lock."""

import hashlib
import tarfile
from collections.abc import Collection, Sequence
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import unquote

from careen.catalog.debian.lists import MAX_LIST, digests
from careen.catalog.pinned import require_pinned
from careen.catalog.port import Key
from careen.errors import ToolError
from careen.model.catalog.lock import LockedPackage

_PARTS = 3
_PIECE = 1 << 20


def require_locked(tar: Path, pins: Sequence[LockedPackage]) -> None:
    """Raise VerificationError unless the tar of lists and archives has the packages of a lock.

    Other archives may be there: apt's preferences keep them out. Raises ToolError for the tar.
    """
    locked = {(each.name, each.architecture, each.version): each.sha256 for each in pins}
    try:
        found = _digests(tar, locked.keys())
    except (OSError, tarfile.TarError) as error:
        msg = f"reading the fetched packages: {error}"
        raise ToolError(msg) from error
    require_pinned(
        {" ".join(key): digest for key, digest in locked.items()},
        {" ".join(key): digest for key, digest in found.items()},
    )


def _digests(path: Path, wanted: Collection[Key]) -> dict[Key, str]:
    """Return the SHA-256 of the archives; apt copies none of a local source: then of its list."""
    listed: dict[Key, str] = {}
    archives: dict[Key, str] = {}
    with tarfile.open(path) as tar:
        for each in tar:
            stream = tar.extractfile(each)
            if stream is None:
                continue
            name = PurePosixPath(each.name).name
            if name.endswith("_Packages"):
                listed |= digests(stream.read(MAX_LIST), wanted)
            elif (key := _key(name)) in wanted:
                archives[key] = _sha256(stream)
    return listed | archives


def _sha256(stream: IO[bytes]) -> str:
    found = hashlib.sha256()
    while block := stream.read(_PIECE):
        found.update(block)
    return found.hexdigest()


def _key(file: str) -> Key:
    """Return the package of an archive's file; apt writes an epoch's colon as %3a."""
    parts = file.removesuffix(".deb").split("_")
    if len(parts) != _PARTS or not file.endswith(".deb"):
        return ("", "", "")
    name, version, architecture = map(unquote, parts)
    return (name, architecture, version)
