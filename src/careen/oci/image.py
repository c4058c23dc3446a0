"""An open image: its config, its layers as readable streams, its merged root file system."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Self

from careen.model.digest import Digest
from careen.model.entry import Entry
from careen.model.image import ImageConfig
from careen.model.rbom import ImageRef
from careen.model.runs.run_budget import RunBudget
from careen.oci.extents import Extents
from careen.oci.hashing import digest_of_extents
from careen.oci.tar.read import content_of
from careen.oci.tree.merge import merge
from careen.oci.tree.nodes import Merged
from careen.oci.tree.rootfs import Rootfs


@dataclass(frozen=True, slots=True)
class Layer:
    """One uncompressed layer: `size` bytes whose sha256 is `diff_id`.

    `history` is its entry in the config, or None. `hashed`: the digest was computed from just these
    extents in this run.
    """

    diff_id: Digest
    extents: Extents
    history: Mapping[str, Any] | None = None
    hashed: bool = field(default=False, compare=False)

    @property
    def size(self) -> int:
        return self.extents.size

    def open(self) -> BinaryIO:
        """Return the uncompressed tar as a readable, seekable stream; the caller closes it.

        It is valid while the image is open.
        """
        return self.extents.open()


def hashed_layer(extents: Extents) -> Layer:
    """Return the layer with these bytes, which are read for its digest."""
    return Layer(digest_of_extents(extents), extents, hashed=True)


class LayerContent:
    """Content of regular files, read in place from the layers."""

    def __init__(self, merged: Merged, layers: tuple[Layer, ...]) -> None:
        self._merged = merged
        self._layers = layers

    def extents(self, entry: Entry) -> Extents:
        """Return the content of a regular file, holes filled with zeros."""
        inode = self._merged.nodes[entry.path].inode
        return content_of(self._layers[inode.layer].extents, inode.data, inode.size, inode.sparse)

    def open(self, entry: Entry) -> BinaryIO:
        return self.extents(entry).open()


class Image:
    """A verified image; close it, or use it as a context manager.

    It holds the files of its layers open. The config digest is that of `config_bytes`;
    `annotations` are the manifest's; reading takes from `budget`. `unchanged` says whether what it
    was opened from is known to be as it was then.
    """

    def __init__(
        self,
        ref: ImageRef,
        config_bytes: bytes,
        config: ImageConfig,
        layers: tuple[Layer, ...],
        annotations: Mapping[str, str],
        files: ExitStack,
    ) -> None:
        self.ref = ref
        self.config_bytes = config_bytes
        self.config = config
        self.layers = layers
        self.annotations = annotations
        self.budget = RunBudget()
        self.unchanged: Callable[[], bool] = lambda: False
        self._files = files
        self._merged: Merged | None = None
        self._rootfs: Rootfs | None = None

    @property
    def reference(self) -> str:
        return self.ref.reference

    def merged(self) -> Merged:
        """Return the merged tree with every entry's place in its layer, or raise ImageError."""
        if self._merged is None:
            with self.budget.reading():
                self._merged = merge([layer.extents for layer in self.layers], self.budget)
        return self._merged

    def take_merged(self, merged: Merged) -> None:
        """Take over the merged tree of just these layers, which somebody else made."""
        self._merged = merged

    def rootfs(self) -> Rootfs:
        """Return the merged root file system, or raise ImageError."""
        if self._rootfs is None:
            merged = self.merged()
            self._rootfs = Rootfs(
                {path: _entry(merged, path) for path in merged.nodes},
                LayerContent(merged, self.layers),
                self.budget,
            )
        return self._rootfs

    def close(self) -> None:
        """Close the files; idempotent."""
        self._files.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _entry(merged: Merged, path: Any) -> Entry:
    node = merged.nodes[path]
    inode = node.inode
    return Entry(
        path=node.path,
        kind=inode.kind,
        mode=inode.mode,
        uid=inode.uid,
        gid=inode.gid,
        size=inode.size,
        mtime=inode.mtime,
        layer=node.layer,
        inode=inode.number,
        target=inode.target,
        device=inode.device,
        xattrs=inode.xattrs,
    )
