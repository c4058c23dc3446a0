"""Zip archives with a model: `torch.save`, TorchScript, Keras 3, and npz with objects."""

import io
import re
from typing import BinaryIO

from careen.errors import ImageError
from careen.formats.zip_reader import ZipArchive, ZipBudget
from careen.inventory.models.hdf5 import lambda_layers
from careen.inventory.models.header import Effort
from careen.inventory.models.numpy import objects_in
from careen.inventory.models.pickle_scan import MAX_OPCODES, scan_pickles
from careen.model.packages.model_file import ModelFormat

MAX_PICKLE = 32 << 20  # the pickle of a state dict names tensors; their data lies beside it
MAX_PICKLES = 64  # per archive
_MAX_CONFIG = 8 << 20
_MAX_ARRAY = 16 << 20
MAGIC = b"PK\x03\x04"
_FIRST_ENTRY = re.compile(
    rb"(?:[^/\0]{1,200}/)?(?:data\.pkl|constants\.pkl|version|byteorder|\.format_version|\.data/|code/|model\.json|config\.json|metadata\.json)"
)
_NAMES = (
    ".pt",
    ".pth",
    ".ckpt",
    ".bin",
    ".keras",
    ".npz",
    ".pkl",
    ".pickle",
    ".ptl",
    ".torch",
    ".mar",
    ".joblib",
)


class NoModelError(Exception):
    """The archive holds no model."""


def looks_like(head: bytes, path: str) -> bool:
    """Return whether an archive is worth opening, by its own or its first entry's name."""
    return head.startswith(MAGIC) and (
        path.endswith(_NAMES) or _FIRST_ENTRY.match(head, 30) is not None
    )


def read_facts(
    stream: BinaryIO, where: str, budget: ZipBudget, effort: Effort
) -> tuple[ModelFormat, list[tuple[str, str]], tuple[str, ...], str]:
    """Return format, facts, dangerous contents and a problem.

    Raises ImageError for a broken archive, NoModelError for one without a model.
    """
    with ZipArchive(stream, where, budget=budget) as archive:
        names = archive.names()
        pickles = [name for name in names if name.endswith((".pkl", ".pickle"))]
        arrays = [name for name in names if name.endswith(".npy")]
        if "config.json" in names and any(name.endswith(".weights.h5") for name in names):
            layers = lambda_layers(archive.read("config.json", _MAX_CONFIG))
            return (
                ModelFormat.KERAS_HDF5,
                [("keras", "3"), ("layers of code", str(len(layers)))],
                layers,
                "",
            )
        if any(name.rpartition("/")[2] == "data.pkl" for name in pickles):
            script = any("/code/" in f"/{name}" and name.endswith(".py") for name in names)
            dangerous, problem = _pickles(archive, pickles, effort)
            tensors = sum("/data/" in f"/{name}" and not name.endswith("/") for name in names)
            return (
                ModelFormat.TORCH_ZIP,
                [("kind", "TorchScript" if script else "torch.save"), ("tensors", str(tensors))],
                dangerous,
                problem,
            )
        if arrays and len(arrays) * 2 >= len(names):
            return _objects(archive, arrays, effort)
    raise NoModelError


def _pickles(archive: ZipArchive, names: list[str], effort: Effort) -> tuple[tuple[str, ...], str]:
    found: dict[str, None] = {}
    problems = (
        [f"{len(names)} pickles inside; the first {MAX_PICKLES} were looked at"]
        if len(names) > MAX_PICKLES
        else []
    )
    for name in names[:MAX_PICKLES]:
        try:
            data = archive.read(name, MAX_PICKLE)
        except ImageError as error:
            problems.append(str(error))
            continue
        scan = scan_pickles(io.BytesIO(data), len(data), min(MAX_OPCODES, effort.left))
        effort.left = max(0, effort.left - scan.steps)
        found.update(dict.fromkeys(scan.dangerous))
        if scan.problem:
            problems.append(f"{name[:80]!r}: {scan.problem}")
    return tuple(found), "; ".join(problems[:3])


def _objects(
    archive: ZipArchive, names: list[str], effort: Effort
) -> tuple[ModelFormat, list[tuple[str, str]], tuple[str, ...], str]:
    found: dict[str, None] = {}
    problems: list[str] = []
    objects = 0
    for name in names[:1000]:
        # An array of objects is small, because its data are pickled one by one.
        if archive.size(name) > _MAX_ARRAY:
            continue
        try:
            data = archive.read(name, _MAX_ARRAY)
        except ImageError as error:
            problems.append(str(error))
            continue
        scan = objects_in(io.BytesIO(data), len(data), min(MAX_OPCODES, effort.left))
        if scan is None:
            continue
        objects += 1
        effort.left = max(0, effort.left - scan.steps)
        found.update(dict.fromkeys(scan.dangerous))
        problems += [f"{name[:80]!r}: {scan.problem}"] if scan.problem else []
    if not objects and not problems:
        raise NoModelError
    return (
        ModelFormat.NUMPY,
        [("arrays", str(len(names))), ("arrays of objects", str(objects))],
        tuple(found),
        "; ".join(problems[:3]),
    )
