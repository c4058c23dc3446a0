"""Packing of a result's layers: each is read once, and not at all if an earlier run packed it."""

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path

from careen.errors import CareenError
from careen.model.digest import Digest
from careen.oci.changes.composition import Compositions
from careen.oci.compress import hashed_chunks, packed_chunks
from careen.oci.extents import Extents
from careen.oci.hashing import digest_of_extents, scratch_error
from careen.oci.image import Image, Layer
from careen.oci.manifest import LAYER_TYPES, Compression, Descriptor
from careen.oci.room import LEFT, MOST_LEFT
from careen.oci.select import blob_name
from careen.oci.write import PackedLayer, write_blob
from careen.pipeline.run.session import Session


@dataclass(slots=True)
class LayerPacker:
    """Layers that are made of an image's; while their digests are computed, they are packed.

    Packed layers go to the session's, by diff ID. Close it with `settle`.
    """

    image: Image
    session: Session
    compression: Compression
    _compositions: Compositions | None = field(init=False)
    _folder: Path = field(init=False)
    _made: dict[str, Digest] = field(default_factory=dict)
    _packed: dict[Digest, PackedLayer] = field(default_factory=dict)

    def __post_init__(self) -> None:
        usable = self.session.known_layers.usable
        self._compositions = Compositions(self.image.layers) if usable else None
        self._folder = self.session.scratch("packed")

    def layer_of(self, extents: Extents) -> Layer:
        """Return the layer with these bytes, and pack it unless an earlier run did."""
        known = self.session.known_layers
        name = self._compositions.name(extents) if self._compositions is not None else None
        if name is not None and (diff_id := known.composed(name)) is not None:
            if diff_id in self.session.packed:
                return Layer(diff_id, extents)
            if (layer := known.find(diff_id, self.compression)) is not None:
                self.session.packed[diff_id] = layer
                self.session.reused.add(layers=1)
                return Layer(diff_id, extents)
        diff_id = (
            self._pack(extents) if self._has_room(extents.size) else digest_of_extents(extents)
        )
        if name is not None:
            self._made[name] = diff_id
        return Layer(diff_id, extents, hashed=True)

    def settle(self) -> None:
        """Remember the layers for later runs."""
        known = self.session.known_layers
        known.keep(self._packed, self.compression)
        # Layers are verified when they are opened, and read later: a file that was changed in
        # between must not speak for other images.
        if self.image.unchanged():
            known.note_composed(self._made)

    def _has_room(self, size: int) -> bool:
        disk = os.statvfs(self._folder)
        reserve = min(LEFT * disk.f_blocks * disk.f_frsize, MOST_LEFT)
        return disk.f_bavail * disk.f_frsize > size + reserve

    def _pack(self, extents: Extents) -> Digest:
        hasher = hashlib.sha256()
        meter = self.session.budget.meter
        meter.expect(extents.size)
        (self._folder / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
        try:
            chunks = hashed_chunks(extents, meter, hasher)
            digest, size = write_blob(self._folder, packed_chunks(chunks, self.compression))
        except OSError as error:
            raise CareenError(scratch_error(self._folder, error)) from error
        diff_id = Digest(hasher.hexdigest())
        descriptor = Descriptor(LAYER_TYPES[self.compression], digest, size)
        made = PackedLayer(descriptor, self._folder / blob_name(digest))
        self.session.packed[diff_id] = self._packed[diff_id] = made
        return diff_id
