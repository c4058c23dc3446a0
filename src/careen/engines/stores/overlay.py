"""Reader of the classic store: layers as directories of overlay2, headers as tar-split records."""

import hashlib
import json
import os
import re
import tempfile
from contextlib import ExitStack
from pathlib import Path

from careen.errors import ImageError
from careen.oci.blobs import open_file
from careen.oci.docker_archive import MANIFEST
from careen.oci.documents import as_list, as_object, as_text, read_json
from careen.oci.extents import BytesPart, Extents
from careen.oci.limits import MAX_DOCUMENT, MAX_LAYERS
from careen.oci.open import Unpacker
from careen.oci.tar.split import Headers, read_layer
from careen.oci.tree.beneath import RootedDirectory

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_CACHE_ID = re.compile(r"[0-9a-z][0-9a-z-]{0,99}\Z")
_SHORT = 200


class OverlayStore:
    """An image of the store, presented as a docker archive: manifest.json, config, layers.

    The layers' headers go to an unlinked file in the work directory. Raises ImageError and OSError
    for unexpected content, BudgetError if a limit is exceeded.
    """

    def __init__(self, root: Path, image_id: str, unpacker: Unpacker) -> None:
        files = unpacker.files
        self._root = root
        self._meta = root / "image" / "overlay2"
        config_name = f"{_hex(image_id)}.json"
        config = open_file(self._meta / "imagedb" / "content" / "sha256" / _hex(image_id), files)
        if config.size > MAX_DOCUMENT:
            msg = f"{image_id}: a config of {config.size} bytes"
            raise ImageError(msg)
        diff_ids = _diff_ids(config.read_at(0, config.size), f"{image_id}: config")
        records = [self._record(chain) for chain in _chain_ids(diff_ids)]
        unpacker.budget.admit(sum(_size(record) for record in records))
        # closed with the image
        file = files.enter_context(tempfile.TemporaryFile(dir=unpacker.scratch))  # noqa: SIM115
        headers = Headers(file.fileno(), unpacker.budget)
        self._found: dict[str, Extents] = {config_name: config}
        names = [f"{digest.removeprefix('sha256:')}/layer.tar" for digest in diff_ids]
        for name, record in zip(names, records, strict=True):
            if name not in self._found:
                self._found[name] = self._layer(record, headers, files)
        manifest = json.dumps([{"Config": config_name, "RepoTags": [], "Layers": names}])
        self._found[MANIFEST] = Extents([BytesPart(manifest.encode())])

    def find(self, name: str) -> Extents | None:
        return self._found.get(name)

    def _record(self, chain: str) -> Path:
        return self._meta / "layerdb" / "sha256" / _hex(chain)

    def _layer(self, record: Path, headers: Headers, files: ExitStack) -> Extents:
        cache = _short(record / "cache-id")
        if not _CACHE_ID.match(cache):
            msg = f"{record}: a cache-id that is none"
            raise ImageError(msg)
        content = self._root / "overlay2" / cache / "diff"
        fd = os.open(content, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        files.callback(os.close, fd)
        with (record / "tar-split.json.gz").open("rb") as stream:
            return read_layer(stream, RootedDirectory(fd, str(content)), headers)


def _diff_ids(config: bytes, where: str) -> list[str]:
    document = as_object(read_json(config, where), where)
    rootfs = as_object(document.get("rootfs"), f"{where}: rootfs")
    found = as_list(rootfs.get("diff_ids"), f"{where}: rootfs.diff_ids")
    if len(found) > MAX_LAYERS:
        msg = f"{where}: {len(found)} layers"
        raise ImageError(msg)
    return [as_text(item, f"{where}: rootfs.diff_ids") for item in found]


def _chain_ids(diff_ids: list[str]) -> list[str]:
    """Return the chain ID of each layer (OCI image specification, "Layer ChainID")."""
    out: list[str] = []
    for digest in diff_ids:
        _hex(digest)
        under = out[-1] if out else None
        both = f"{under} {digest}".encode()
        out.append(digest if under is None else f"sha256:{hashlib.sha256(both).hexdigest()}")
    return out


def _hex(digest: str) -> str:
    if not _DIGEST.match(digest):
        msg = f"{digest[:100]!r}: not a sha256 digest"
        raise ImageError(msg)
    return digest.removeprefix("sha256:")


def _short(path: Path) -> str:
    with path.open("rb") as stream:
        return stream.read(_SHORT).decode("ascii", "replace").strip()


def _size(record: Path) -> int:
    text = _short(record / "size")
    return int(text) if text.isdigit() else 0
