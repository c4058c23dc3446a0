"""Diff IDs of unpacked layers, computed by other processes while this one merges the layers."""

import mmap
import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from careen.engines.stores.layer_digest import HOW_FAR, answer_in
from careen.model.digest import Digest
from careen.oci.tree.beneath import RootedDirectory
from careen.tools.beside import Beside, other_processors

MODULE = "careen.engines.stores.layer_digest"
MIN_SIZE = 128 << 20  # bytes of layers; a process takes as long to start as hashing these
_MOST_PROCESSES = 4
_LOOK = 0.05  # seconds


@dataclass(frozen=True, slots=True)
class UnpackedLayer:
    """A layer to hash: its directory, its record, and its size in bytes."""

    folder: RootedDirectory
    record: Path
    size: int


class _Hashed:
    """A layer that a process hashes; `told` is how many bytes of it are done."""

    def __init__(self, layer: UnpackedLayer, process: Beside, files: ExitStack) -> None:
        self.folder = layer.folder
        self.digest: Digest | None = None
        job = os.fsencode(layer.folder.where)
        # The map stays when the descriptor is closed, and the process gets one of its own.
        with (
            os.fdopen(os.memfd_create("careen-layer"), "wb") as told,
            layer.record.open("rb") as record,
        ):
            told.truncate(HOW_FAR.size)
            self._seen = files.enter_context(mmap.mmap(told.fileno(), HOW_FAR.size))
            sent = process.send(job, (record.fileno(), layer.folder.fd, told.fileno()))
        self.ended = not sent

    @property
    def told(self) -> int:
        (done,) = HOW_FAR.unpack_from(self._seen, 0)
        return int(done)


class DigestsBeside:
    """Hash layers in as many processes as there are other processors; `files` ends them.

    Nothing is hashed beside this process with a single processor, or in a small image.
    """

    def __init__(self, layers: Sequence[UnpackedLayer], files: ExitStack) -> None:
        self._lock = threading.Lock()
        self._order: dict[Beside, list[_Hashed]] = {}
        self._of: dict[int, _Hashed] = {}
        given: dict[Beside, int] = {}
        if sum(layer.size for layer in layers) < MIN_SIZE:
            return
        for _ in range(min(other_processors(), _MOST_PROCESSES, len(layers))):
            try:
                process = files.enter_context(Beside(MODULE))
            except OSError:  # no process can be started: this one hashes all layers
                break
            self._order[process], given[process] = [], 0
        for layer in sorted(layers, key=lambda layer: -layer.size) if given else ():
            process = min(given, key=lambda process: given[process])
            given[process] += layer.size
            hashed = _Hashed(layer, process, files)
            if not hashed.ended:
                self._order[process].append(hashed)
                self._of[layer.folder.fd] = hashed

    @property
    def processes(self) -> tuple[Beside, ...]:
        """The processes that were started."""
        return tuple(self._order)

    def of(self, folder: RootedDirectory, moved: Callable[[int], None]) -> Digest | None:
        """Wait for the digest of a layer; None if the caller must compute it.

        `moved` is told now and then how many bytes more were hashed; what it raises is passed on.
        """
        hashed = self._of.get(folder.fd)
        if hashed is None:
            return None
        counted = 0
        while True:
            self._collect()
            done = hashed.told
            moved(done - counted)
            counted = done
            if hashed.ended:
                if hashed.digest is None:
                    moved(-counted)
                return hashed.digest
            time.sleep(_LOOK)

    def _collect(self) -> None:
        with self._lock:
            for process, order in self._order.items():
                for document in process.answers(wait=False) if order else ():
                    hashed = order.pop(0)
                    if (found := answer_in(document)) is not None:
                        hashed.digest, hashed.folder.programs = Digest(found[0]), found[1]
                    hashed.ended = True
                if process.ended:
                    for hashed in order:
                        hashed.ended = True
                    order.clear()
                if not order:
                    process.close()
