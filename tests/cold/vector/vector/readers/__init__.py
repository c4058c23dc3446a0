"""Readers by the kind of file: entry points, so that other distributions can add theirs."""

from importlib.metadata import entry_points


def reader(kind: str):
    found = entry_points(group="vector.readers", name=kind)
    if not found:
        raise LookupError(f"no reader for {kind}: have {sorted({item.name for item in entry_points(group='vector.readers')})}")
    return next(iter(found)).load()
