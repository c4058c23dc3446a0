"""safetensors: a length, a JSON object of tensors, and their bytes; nothing in it runs.

Source: the authors' description of the format.
"""

import json
from collections import Counter
from typing import BinaryIO

from careen.inventory.models.header import Effort, HeaderError, HeaderReader

MAX_HEADER = 16 << 20  # the format allows 100 MB; a model of 100,000 tensors has 12
_MAX_TENSORS = 500_000


def looks_like(head: bytes, size: int) -> bool:
    """Return whether `head` is a plausible header length, then the start of a JSON object."""
    return (
        len(head) > 16  # noqa: PLR2004
        and head[8:9] == b"{"
        and head[9:64].lstrip()[:1] in (b'"', b"}")
        and int.from_bytes(head[:8], "little") <= size - 8
    )


def read_facts(stream: BinaryIO, size: int, effort: Effort) -> list[tuple[str, str]]:
    """Return tensors, parameters, dtypes and the writer's metadata, or raise HeaderError."""
    reader = HeaderReader(stream, size, MAX_HEADER + 8, effort)
    length = reader.number("Q")
    if length > MAX_HEADER:
        msg = f"a header of {length} bytes, more than the {MAX_HEADER} that are read"
        raise HeaderError(msg)
    try:
        header = json.loads(reader.take(length))
    except (ValueError, RecursionError) as error:
        msg = f"its header is no JSON: {str(error)[:120]}"
        raise HeaderError(msg) from error
    if not isinstance(header, dict):
        msg = f"its header is no object of tensors but {type(header).__name__}"
        raise HeaderError(msg)
    if len(header) > _MAX_TENSORS:
        msg = f"a header of {len(header)} tensors, more than the {_MAX_TENSORS} that are read"
        raise HeaderError(msg)
    dtypes: Counter[str] = Counter()
    parameters = tensors = 0
    for name, tensor in header.items():
        if name == "__metadata__":
            continue
        dtype, shape = _tensor(name, tensor, size - 8 - length)
        tensors += 1
        dtypes[dtype] += 1
        parameters += shape
    metadata = header.get("__metadata__")
    said = (
        [(f"metadata {key[:40]}", str(value)[:120]) for key, value in metadata.items()][:10]
        if isinstance(metadata, dict)
        else []
    )
    return [
        ("tensors", str(tensors)),
        ("parameters", str(parameters)),
        ("dtypes", ", ".join(sorted(dtypes))),
        *said,
    ]


def _tensor(name: str, tensor: object, data: int) -> tuple[str, int]:
    """Return a tensor's dtype and number of elements; it must lie within `data` bytes."""
    match tensor:
        case {
            "dtype": str(dtype),
            "shape": list(shape),
            "data_offsets": [int(start), int(end)],
        } if all(isinstance(n, int) and 0 <= n < 1 << 48 for n in shape):
            if not 0 <= start <= end <= data:
                msg = f"the tensor {name[:60]!r} lies at {start} to {end} of {data} bytes"
                raise HeaderError(msg)
            elements = 1
            for n in shape:
                elements *= n
                if elements > 1 << 48:
                    msg = f"the tensor {name[:60]!r} has more than 2**48 elements"
                    raise HeaderError(msg)
            return dtype[:20], elements
        case _:
            msg = f"the tensor {name[:60]!r} has no dtype, shape and offsets"
            raise HeaderError(msg)
