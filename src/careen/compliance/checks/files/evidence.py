"""How files appear as evidence."""

from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence
from careen.model.entry import Entry


def mode_of(entry: Entry) -> str:
    """Return an entry's mode and owner: `4755 0:0`."""
    return f"{entry.mode:04o} {entry.uid}:{entry.gid}"


def shown(entry: Entry) -> Evidence:
    """Return an entry with its mode and owner as evidence."""
    return Evidence(str(entry.path), mode_of(entry))


def unknown_user(subject: Subject) -> str:
    """Return the reason why what the image's user may write is not known."""
    return f"USER is {subject.config.user!r}, whose ids the image's account files do not settle"
