"""Keras models in HDF5, found by the JSON configuration in the file's attributes.

The format's trees are not read. A Lambda layer contains the byte code of a Python function. Source:
keras/src/legacy/saving and keras/src/layers/core/lambda_layer.py.
"""

import re
from typing import BinaryIO

MAGIC = b"\x89HDF\r\n\x1a\n"
# The root's attributes are at the start, or at the end of a model that was saved again.
MAX_SEARCHED = 32 << 20
_CHUNK = 4 << 20
_OVERLAP = 256
_KERAS = re.compile(rb"keras_version.{0,200}?(\d+\.\d+\.\d+(?:-\w+)?)", re.DOTALL)
_LAMBDA = re.compile(
    rb'"class_name":\s{0,4}"(Lambda|TFOpLambda|TorchModuleWrapper|FlaxLayer|JaxLayer)"'
)


def lambda_layers(text: bytes) -> tuple[str, ...]:
    """Return the kinds of layers in a model's configuration that contain code."""
    return tuple(
        f"layer {name}"
        for name in dict.fromkeys(match[1].decode() for match in _LAMBDA.finditer(text))
        if name in ("Lambda", "TorchModuleWrapper")
    )


def read_facts(
    stream: BinaryIO, size: int
) -> tuple[list[tuple[str, str]], tuple[str, ...], str] | None:
    """Return facts, layers with code and a problem; None for HDF5 without a Keras model."""
    config, version, layers = False, "", dict[str, None]()
    searched = min(size, MAX_SEARCHED)
    stream.seek(0)
    done, kept = 0, b""
    while done < searched and (data := stream.read(min(_CHUNK, searched - done))):
        done += len(data)
        data = kept + data
        config = (
            config
            or b"model_config" in data
            or b'"class_name": "Functional"' in data
            or b'"class_name": "Sequential"' in data
        )
        version = version or (match[1].decode("latin-1") if (match := _KERAS.search(data)) else "")
        layers.update(dict.fromkeys(lambda_layers(data)))
        kept = data[-_OVERLAP:]
    if not config and not version:
        return None
    problem = (
        f"only the first {searched} of {size} bytes were searched for layers with code"
        if searched < size
        else ""
    )
    return (
        [
            ("keras", version or "unstated"),
            ("model configuration", "yes" if config else "no, weights only"),
        ],
        tuple(layers),
        problem,
    )
