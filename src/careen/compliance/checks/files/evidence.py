"""How files appear as evidence."""

from careen.model.compliance.result import Evidence
from careen.model.entry import Entry


def mode_of(entry: Entry) -> str:
    """Return an entry's mode and owner: `4755 0:0`."""
    return f"{entry.mode:04o} {entry.uid}:{entry.gid}"


def shown(entry: Entry) -> Evidence:
    """Return an entry with its mode and owner as evidence."""
    return Evidence(str(entry.path), mode_of(entry))
