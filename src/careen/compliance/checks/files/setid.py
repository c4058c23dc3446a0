"""Files that give their user other rights: setuid, setgid, file capabilities."""

from collections.abc import Iterator

from careen.compliance.check import Check, Decision, none_of
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence
from careen.model.entry import Entry

_CAPABILITY = "security.capability"


def mode_of(entry: Entry) -> str:
    """Return an entry's mode and owner as evidence shows them."""
    return f"{entry.mode:04o} {entry.uid}:{entry.gid}"


def _files(subject: Subject) -> Iterator[Entry]:
    return (entry for entry in subject.rootfs if entry.is_file)


def _setid(subject: Subject) -> Decision:
    found = [
        Evidence(str(entry.path), mode_of(entry)) for entry in _files(subject) if entry.is_setid
    ]
    return none_of(
        found,
        "{} files have the setuid or setgid bit",
        "no file has the setuid or setgid bit",
    )


def _capabilities(subject: Subject) -> Decision:
    found = [
        Evidence(str(entry.path), f"security.capability, {mode_of(entry)}")
        for entry in _files(subject)
        if _CAPABILITY in entry.xattrs
    ]
    return none_of(
        found, "{} files have capabilities of their own", "no file has capabilities of its own"
    )


CHECKS = (
    Check(
        id="no-setid-files",
        title="No file has the setuid or setgid bit",
        reads="modes of all files",
        fix="Remove the bit in the last stage (chmod a-s FILE), or the file; `careen harden`"
        " removes those that the workload does not use.",
        command="find . -xdev -type f -perm /6000",
        decide=_setid,
    ),
    Check(
        id="no-file-capabilities",
        title="No file has capabilities of its own",
        reads="extended attributes of all files",
        fix="Remove them (setcap -r FILE), and give the container the capability that it needs.",
        command="getcap -r .",
        decide=_capabilities,
    ),
)
