"""Output to an OCI image layout directory, which appears complete or not at all."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from careen.errors import InputError
from careen.oci.documents import as_list, as_object, as_texts, dump_json, read_json
from careen.oci.manifest import OCI_INDEX, REF_NAME

_VERSION = dump_json({"imageLayoutVersion": "1.0.0"})


class Layout:
    """A layout at `path`, existing or new; raises InputError for other content.

    A damaged index raises ImageError.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._exists = (path / "oci-layout").is_file() and not path.is_symlink()
        if not self._exists and (
            path.is_symlink() or (path.exists() and (not path.is_dir() or any(path.iterdir())))
        ):
            msg = (
                f"{str(path)!r}: exists and is not an OCI image layout; name a new directory, an"
                " empty one, or a layout"
            )
            raise InputError(msg)
        if self._exists:
            # Report a damaged index before anything is written.
            self._index()

    def names(self) -> frozenset[str | None]:
        """Return the names of its images, including None if one has no name."""
        return (
            frozenset(name if isinstance(name, str) else None for name in map(_name, self._index()))
            if self._exists
            else frozenset()
        )

    @contextmanager
    def building(self) -> Iterator[Path]:
        """Yield the directory to write blobs to.

        It is the layout itself, or a new directory beside it, which `publish` renames and an error
        removes.
        """
        if self._exists:
            (self._path / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
            yield self._path
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        root = Path(tempfile.mkdtemp(prefix=f".{self._path.name}.", dir=self._path.parent))
        try:
            (root / "blobs" / "sha256").mkdir(parents=True)
            (root / "oci-layout").write_bytes(_VERSION)
            root.chmod(0o755)
            yield root
        finally:
            if root.exists():
                shutil.rmtree(root)

    def publish(self, root: Path, descriptors: list[dict[str, Any]]) -> None:
        """Make the image visible: replace the layout's index, or rename the new directory."""
        if not self._exists:
            _write_index(root, descriptors)
            root.replace(self._path)
            return
        with (root / "oci-layout").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            names = {_name(item) for item in descriptors}
            kept = [item for item in self._index() if _name(item) not in names]
            _write_index(root, [*kept, *descriptors])

    def _index(self) -> list[dict[str, Any]]:
        where = f"{self._path}: index.json"
        path = self._path / "index.json"
        if not path.exists():
            return []
        document = as_object(read_json(path.read_bytes(), where), where)
        items = [
            dict(as_object(item, f"{where}.manifests[{i}]"))
            for i, item in enumerate(as_list(document.get("manifests"), f"{where}.manifests"))
        ]
        for i, item in enumerate(items):
            as_texts(item.get("annotations"), f"{where}.manifests[{i}].annotations")
        return items


def adopt(made: Path, into: Path) -> None:
    """Move the images of a complete layout into an existing one on the same file system.

    Blobs are moved first, then the index is replaced atomically. May raise OSError.
    """
    source, target = Layout(made), Layout(into)
    with target.building() as root:
        for blob in sorted((made / "blobs" / "sha256").iterdir()):
            blob.replace(root / "blobs" / "sha256" / blob.name)
        target.publish(root, source._index())  # noqa: SLF001 — the same class


def _name(descriptor: dict[str, Any]) -> object:
    return (descriptor.get("annotations") or {}).get(REF_NAME)


def _write_index(root: Path, descriptors: list[dict[str, Any]]) -> None:
    data = dump_json({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": descriptors})
    fd, name = tempfile.mkstemp(prefix=".index-", dir=root)
    try:
        with os.fdopen(fd, "wb") as out:
            out.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(root / "index.json")
    finally:
        Path(name).unlink(missing_ok=True)
