"""An image whose layers are directories, with their headers as tar-split records."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from careen.engines.stores.digests_beside import DigestsBeside, UnpackedLayer
from careen.errors import ImageError
from careen.model.digest import Digest
from careen.oci.docker_archive import MANIFEST
from careen.oci.documents import as_list, as_object, as_text, read_json
from careen.oci.extents import BytesPart, Extents
from careen.oci.limits import MAX_DOCUMENT, MAX_LAYERS
from careen.oci.open import Unpacker
from careen.oci.tar.split import Headers, read_layer
from careen.oci.tree.beneath import RootedDirectory


@dataclass(frozen=True, slots=True)
class SplitLayer:
    """A layer of a store: its diff ID, directory, tar-split record (gzip) and size in bytes."""

    diff_id: str
    content: Path
    record: Path
    size: int


class SplitImage:
    """An image presented as a docker archive: manifest.json, config, layers (lowest first).

    The layers' headers go to an unlinked file in the work directory. Raises ImageError and OSError
    for unexpected content, BudgetError if a limit is exceeded.
    """

    def __init__(self, config: Extents, layers: Sequence[SplitLayer], unpacker: Unpacker) -> None:
        unpacker.budget.admit(sum(layer.size for layer in layers))
        # closed with the image
        file = unpacker.files.enter_context(
            tempfile.TemporaryFile(dir=unpacker.scratch)  # noqa: SIM115
        )
        headers = Headers(file.fileno(), unpacker.budget)
        folders = {layer.diff_id: (_folder(layer, unpacker.files), layer) for layer in layers}
        # The other processes read while this one does.
        self.digests = DigestsBeside(
            [UnpackedLayer(folder, layer.record, layer.size) for folder, layer in folders.values()],
            unpacker.files,
        )
        self._folders: dict[int, RootedDirectory] = {}
        name = f"{hashlib.sha256(config.read_at(0, config.size)).hexdigest()}.json"
        self._found: dict[str, Extents] = {name: config}
        names = [f"{layer.diff_id.removeprefix('sha256:')}/layer.tar" for layer in layers]
        for path, layer in zip(names, layers, strict=True):
            if path not in self._found:
                folder = folders[layer.diff_id][0]
                with layer.record.open("rb") as stream:
                    extents = self._found[path] = read_layer(stream, folder, headers)
                self._folders[id(extents)] = folder
        manifest = json.dumps([{"Config": name, "RepoTags": [], "Layers": names}])
        self._found[MANIFEST] = Extents([BytesPart(manifest.encode())])

    def find(self, name: str) -> Extents | None:
        return self._found.get(name)

    def hash_beside(self, layer: Extents, moved: Callable[[int], None]) -> Digest | None:
        """Wait for the digest of a layer, as `DigestsBeside.of` does."""
        return self.digests.of(self._folders[id(layer)], moved)


def _folder(layer: SplitLayer, files: ExitStack) -> RootedDirectory:
    fd = os.open(layer.content, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    files.callback(os.close, fd)
    return RootedDirectory(fd, str(layer.content))


def diff_ids(config: Extents, where: str) -> list[str]:
    """Return the diff IDs of a config, lowest first. Raises ImageError."""
    if config.size > MAX_DOCUMENT:
        msg = f"{where}: a config of {config.size} bytes"
        raise ImageError(msg)
    document = as_object(read_json(config.read_at(0, config.size), where), where)
    rootfs = as_object(document.get("rootfs"), f"{where}: rootfs")
    found = as_list(rootfs.get("diff_ids"), f"{where}: rootfs.diff_ids")
    if len(found) > MAX_LAYERS:
        msg = f"{where}: {len(found)} layers"
        raise ImageError(msg)
    return [as_text(item, f"{where}: rootfs.diff_ids") for item in found]
