"""Bodies: rows of numbers in several formats, chosen by the media type."""

from importlib import import_module

TYPES = {
    "application/json": "plain",
    "text/csv": "table",
    "application/vnd.apache.arrow.stream": "arrow",
    "application/vnd.apache.parquet": "parquet",
    "application/x-ndjson": "lines",
    "application/msgpack": "packed",
    "application/x-npy": "array",
    "application/x-protobuf": "message",
    "application/vnd.ms-excel+xml": "table:xml",
}


class Unknown(Exception):
    pass


def codec(kind: str):
    kind = kind.partition(";")[0].strip() or "application/json"
    if kind not in TYPES:
        raise Unknown(kind)
    module, _, name = TYPES[kind].partition(":")
    found = import_module("." + module, __name__)
    return getattr(found, name) if name else found
