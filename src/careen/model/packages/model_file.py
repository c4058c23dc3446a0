"""Files that hold machine-learning models."""

import enum
from dataclasses import dataclass

from careen.model.paths import ImagePath


class ModelFormat(enum.Enum):
    """Format of a model file."""

    SAFETENSORS = "safetensors"
    GGUF = "gguf"
    ONNX = "onnx"
    # The formats from here on can run code when they are loaded.
    PICKLE = "pickle"
    TORCH_ZIP = "torch zip"  # torch.save: a zip with a pickle inside
    KERAS_HDF5 = "keras hdf5"
    NUMPY = "numpy"


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One model file.

    `size` is in bytes. `facts` are (name, value) pairs from its header (architecture, parameters,
    tensors, opset, producer). `dangerous` lists what loading can run, one entry per import or
    opcode (`GLOBAL os.system`, `REDUCE`). `problem` says why the header is unreadable, "" if it is
    not.
    """

    path: ImagePath
    format: ModelFormat
    size: int
    facts: tuple[tuple[str, str], ...] = ()
    dangerous: tuple[str, ...] = ()
    problem: str = ""
