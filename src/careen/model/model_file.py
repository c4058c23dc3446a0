"""A file that holds a model of machine learning."""

import enum
from dataclasses import dataclass

from careen.model.paths import ImagePath


class ModelFormat(enum.Enum):
    """How a model file is written; the last ones can run code when they are loaded."""

    SAFETENSORS = "safetensors"
    GGUF = "gguf"
    ONNX = "onnx"
    PICKLE = "pickle"
    TORCH_ZIP = "torch zip"  # torch.save: a zip with a pickle inside
    KERAS_HDF5 = "keras hdf5"
    NUMPY = "numpy"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One model file. `size` in bytes. `facts` are (name, value) pairs read from its header
    (architecture, parameters, tensors, opset, producer).

    `dangerous` names what loading it can run, one entry for each import or opcode (`GLOBAL
    os.system`, `REDUCE`), empty when nothing was found; `problem` says why its header could not be
    read, "" if it could.
    """

    path: ImagePath
    format: ModelFormat
    size: int
    facts: tuple[tuple[str, str], ...] = ()
    dangerous: tuple[str, ...] = ()
    problem: str = ""
