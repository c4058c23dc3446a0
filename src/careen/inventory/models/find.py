"""Model files, known by their content: their facts, and the code that loading them could run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO

from careen.errors import ImageError
from careen.formats.zip_reader import ZipBudget
from careen.inventory.models import gguf as model_gguf
from careen.inventory.models import hdf5 as model_hdf5
from careen.inventory.models import numpy as model_numpy
from careen.inventory.models import onnx as model_onnx
from careen.inventory.models import safetensors as model_safetensors
from careen.inventory.models import zip as model_zip
from careen.inventory.models.header import Effort, HeaderError
from careen.inventory.models.pickle_scan import MAX_OPCODES, scan_pickles
from careen.model.entry import Entry
from careen.model.packages.model_file import ModelFile, ModelFormat

MAX_DANGEROUS = 30
_PICKLE_NAMES = (
    ".pkl",
    ".pickle",
    ".joblib",
    ".pt",
    ".pth",
    ".ckpt",
    ".dill",
    ".sav",
    ".p",
    ".mdl",
)
_LOOSE_NAMES = (*_PICKLE_NAMES, ".bin", ".model", ".dat", ".data", ".weights")
_PROTOCOLS = b"\x02\x03\x04\x05"
# torch.save before 1.6: its pickled magic number
_TORCH_OLD = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"
_TEXT_PICKLE = (
    b"(dp",
    b"(lp",
    b"(ip",
    b"ccopy_reg\n",
    b"c__builtin__\n",
    b"cbuiltins\n",
    b"cos\n",
    b"cposix\n",
    b"csubprocess\n",
    b"cnumpy",
    b"ccollections\n",
    b"(S'",
    b"(cos\n",
)
_PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x78\x9c": "zlib",
    b"\x78\x01": "zlib",
    b"\x78\xda": "zlib",
    b"ZF0x": "joblib's old zlib form",
}

Reader = Callable[[BinaryIO], ModelFile | None]
"""Return the model in an open file, or None."""


@dataclass(slots=True)
class ModelReader:
    """Reads the model files of one image, within one budget for archives and one for steps."""

    budget: ZipBudget = field(default_factory=ZipBudget)
    effort: Effort = field(default_factory=Effort)

    def reader_of(self, entry: Entry, head: bytes) -> Reader | None:
        """Return what reads a file whose first bytes are `head`; None if it can be no model.

        Unreadable parts are reported in the `problem` of the model.
        """
        name, size = entry.path.lower(), entry.size
        if model_zip.looks_like(head, name):
            return partial(self._archive, entry, name)
        if head.startswith(model_gguf.MAGIC):
            return lambda stream: _with_header(
                entry,
                ModelFormat.GGUF,
                lambda: model_gguf.read_facts(stream, size, self.effort),
                stream,
            )
        if name.endswith(".safetensors") or model_safetensors.looks_like(head, size):
            return lambda stream: _with_header(
                entry,
                ModelFormat.SAFETENSORS,
                lambda: (model_safetensors.read_facts(stream, size, self.effort), ()),
                stream,
            )
        if head.startswith(model_hdf5.MAGIC):
            return partial(_keras, entry)
        if head.startswith(model_numpy.MAGIC):
            return partial(self._array, entry)
        if name.endswith(".onnx") or model_onnx.looks_like(head):
            return partial(self._onnx, entry, name)
        packed = _packing(head, name)
        if packed or _may_be_pickle(head, name):
            return partial(_pickle, entry, head, name, packed, self.effort)
        return None

    def _array(self, entry: Entry, stream: BinaryIO) -> ModelFile | None:
        stream.seek(0)
        scan = model_numpy.objects_in(stream, entry.size, min(MAX_OPCODES, self.effort.left))
        if scan is None:
            return None
        self.effort.left = max(0, self.effort.left - scan.steps)
        return ModelFile(
            entry.path,
            ModelFormat.NUMPY,
            entry.size,
            (("array of", "objects"),),
            scan.dangerous[:MAX_DANGEROUS],
            scan.problem,
        )

    def _onnx(self, entry: Entry, name: str, stream: BinaryIO) -> ModelFile | None:
        found = _with_header(
            entry,
            ModelFormat.ONNX,
            lambda: model_onnx.read_facts(stream, entry.size, self.effort),
            stream,
        )
        return found if name.endswith(".onnx") or not found.problem else None

    def _archive(self, entry: Entry, name: str, stream: BinaryIO) -> ModelFile | None:
        try:
            form, facts, dangerous, problem = model_zip.read_facts(
                stream, entry.path, self.budget, self.effort
            )
        except model_zip.NoModelError:
            return None
        except ImageError as error:
            return (
                ModelFile(entry.path, ModelFormat.TORCH_ZIP, entry.size, problem=str(error))
                if name.endswith(_PICKLE_NAMES)
                else None
            )
        return ModelFile(
            entry.path, form, entry.size, tuple(facts), dangerous[:MAX_DANGEROUS], problem
        )


def _with_header(
    entry: Entry,
    form: ModelFormat,
    read: Callable[[], tuple[list[tuple[str, str]], tuple[str, ...]]],
    stream: BinaryIO,
) -> ModelFile:
    stream.seek(0)
    try:
        facts, dangerous = read()
    except HeaderError as error:
        return ModelFile(entry.path, form, entry.size, problem=str(error))
    return ModelFile(entry.path, form, entry.size, tuple(facts), dangerous[:MAX_DANGEROUS])


def _keras(entry: Entry, stream: BinaryIO) -> ModelFile | None:
    found = model_hdf5.read_facts(stream, entry.size)
    return (
        ModelFile(
            entry.path, ModelFormat.KERAS_HDF5, entry.size, tuple(found[0]), found[1], found[2]
        )
        if found is not None
        else None
    )


def _packing(head: bytes, name: str) -> str:
    """Return how a file is packed that its name calls a pickle, or ""."""
    if not name.endswith((".joblib", ".pkl", ".pickle")):
        return ""
    return next((kind for magic, kind in _PACKED.items() if head.startswith(magic)), "")


def _may_be_pickle(head: bytes, name: str) -> bool:
    if len(head) > 2 and head[0] == 0x80 and head[1] in _PROTOCOLS:  # noqa: PLR2004
        return True
    return name.endswith(_LOOSE_NAMES) and head.startswith(_TEXT_PICKLE)


def _pickle(
    entry: Entry, head: bytes, name: str, packed: str, effort: Effort, stream: BinaryIO
) -> ModelFile | None:
    """Return the pickle that content or name indicate, or None."""
    if packed:
        return ModelFile(
            entry.path,
            ModelFormat.PICKLE,
            entry.size,
            problem=f"a pickle packed with {packed}, which is not unpacked to look inside",
        )
    stream.seek(0)
    scan = scan_pickles(stream, entry.size, min(MAX_OPCODES, effort.left))
    effort.left = max(0, effort.left - scan.steps)
    # A name alone does not make a pickle of a file whose first opcodes are invalid.
    is_one = (
        (scan.pickles > 0 and scan.opcodes > 2)  # noqa: PLR2004
        or name.endswith(_PICKLE_NAMES)
        or (scan.imports and scan.opcodes > 10)  # noqa: PLR2004
    )
    if not is_one:
        return None
    facts = [("opcodes", str(scan.opcodes)), ("pickles", str(scan.pickles))]
    if head.startswith(_TORCH_OLD):
        facts.append(("kind", "torch.save before 1.6"))
    return ModelFile(
        entry.path,
        ModelFormat.PICKLE,
        entry.size,
        tuple(facts),
        scan.dangerous[:MAX_DANGEROUS],
        scan.problem,
    )
