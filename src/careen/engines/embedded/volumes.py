"""Volumes of `-v` and of the image's VOLUME as mounts of the runtime specification."""

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.engines.embedded.materialise import materialise
from careen.errors import InputError
from careen.model.paths import ROOT
from careen.oci.tree.rootfs import Rootfs

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+\Z", re.ASCII)
_PROPAGATION = frozenset({"private", "rprivate", "shared", "rshared", "slave", "rslave"})
_IGNORED = frozenset({"rw", "z", "Z", "cached", "delegated", "consistent"})
_PARTS = 3


@dataclass(frozen=True, slots=True)
class Bind:
    """A file or directory of the host, by absolute path."""

    source: str
    target: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Volume:
    """A directory of the engine's own.

    An empty `name` means that it ends with its container. It starts with the image's content unless
    `copy` is False.
    """

    name: str
    target: str
    options: tuple[str, ...]
    copy: bool = True


def parse_volume(text: str) -> Bind | Volume:
    """Parse `[HOST-PATH|NAME:]CONTAINER-PATH[:OPTIONS]`; raise InputError for other text."""
    parts = text.split(":")
    if len(parts) > _PARTS or not all(parts):
        msg = f"-v {text!r}: expected [host path or name:]container path[:options]"
        raise InputError(msg)
    source = parts[0] if len(parts) > 1 else ""
    target = _normal(parts[1] if len(parts) > 1 else parts[0])
    if not target.startswith("/") or target.strip("/") == "" or "\0" in text:
        msg = (
            f"-v {text!r}: the path in the container must be absolute and not the root: {target!r}"
        )
        raise InputError(msg)
    words = parts[2].split(",") if len(parts) == _PARTS else []
    unknown = sorted(set(words) - _PROPAGATION - _IGNORED - {"ro", "nocopy"})
    if unknown:
        msg = f"-v {text!r}: unknown option {unknown[0]!r}"
        raise InputError(msg)
    options = tuple(word for word in words if word in _PROPAGATION or word == "ro")
    if source.startswith((".", "/")):
        return Bind(str(Path(source).absolute()), target, options)
    if source and not _NAME.match(source):
        msg = (
            f"-v {text!r}: {source!r} is neither a path (start it with / or ./) nor a volume's name"
        )
        raise InputError(msg)
    return Volume(source, target, options, "nocopy" not in words)


def _normal(path: str) -> str:
    """Return a path in the container in one spelling, so that two of them can be compared."""
    # normpath keeps two leading slashes.
    return posixpath.normpath(f"/{path.lstrip('/')}" if path.startswith("/") else path)


def wanted_volumes(
    texts: Iterable[str], tmpfs: Iterable[str], declared: Iterable[str]
) -> tuple[Bind | Volume, ...]:
    """Return the user's volumes, and an anonymous one for each other VOLUME of the image."""
    asked = {volume.target: volume for volume in map(parse_volume, texts)}
    covered = {*asked, *(_normal(item.partition(":")[0]) for item in tmpfs)}
    targets = dict.fromkeys(_normal(f"/{path}") for path in declared)
    anonymous = (Volume("", target, ()) for target in targets if target != "/")
    return (*asked.values(), *(volume for volume in anonymous if volume.target not in covered))


def volume_mounts(
    volumes: Iterable[Bind | Volume], rootfs: Rootfs, anonymous: Path, named: Path
) -> list[dict[str, Any]]:
    """Create the directories below `anonymous` and `named` and return the mounts.

    Creates missing host directories, as docker does. Raises InputError.
    """
    mounts = []
    for number, volume in enumerate(volumes):
        match volume:
            case Bind():
                source = Path(volume.source)
                try:
                    if not source.exists():
                        source.mkdir(parents=True)
                except OSError as error:
                    msg = f"-v {volume.source}:{volume.target}: {error.strerror}"
                    raise InputError(msg) from error
            case Volume():
                source = named / volume.name if volume.name else anonymous / str(number)
                if not source.exists():
                    source.mkdir()
                    source.chmod(0o755)  # docker's mode, independent of careen's umask
                    _fill(volume, rootfs, source)
        propagation = [] if set(volume.options) & _PROPAGATION else ["rprivate"]
        mounts.append(
            {
                "destination": volume.target,
                "type": "bind",
                "source": str(source),
                "options": ["rbind", *propagation, *volume.options],
            }
        )
    return mounts


def _fill(volume: Volume, rootfs: Rootfs, directory: Path) -> None:
    """Copy the image's content at the volume's path, after following links inside the root."""
    found = rootfs.walk(volume.target).final
    if found is None or not volume.copy:
        return
    if not found.is_dir or found.path == ROOT:
        msg = (
            f"volume {volume.target!r}: the image has {found.kind.value} {found.path!r} there, not"
            " a directory"
        )
        raise InputError(msg)
    materialise(rootfs, directory, found.path)
