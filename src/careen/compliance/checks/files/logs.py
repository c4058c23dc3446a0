"""Log files in the image, and the tools of an audit system."""

from collections.abc import Iterator

from careen.compliance.check import Check, Decision, none_of, not_applicable
from careen.compliance.checks.files.evidence import shown
from careen.compliance.subject import Subject
from careen.model.entry import Entry

_READ, _WRITE = 0o004, 0o002
_SYSTEM_UID = 1000
_TOOLS = ("auditctl", "auditd", "aureport", "ausearch", "autrace", "augenrules", "journalctl")


def _logs(subject: Subject) -> Iterator[Entry]:
    folder = subject.rootfs.walk("/var/log").final
    if folder is not None and folder.is_dir:
        yield from (each for each in subject.rootfs.below(folder.path) if each.is_file)


def _not_readable(subject: Subject) -> Decision:
    logs = tuple(_logs(subject))
    if not logs:
        return not_applicable("there are no files below /var/log")
    return none_of(
        (shown(entry) for entry in logs if entry.mode & _READ),
        "{} log files can be read by everyone",
        f"none of {len(logs)} log files can be read by everyone",
    )


def _not_writable(subject: Subject) -> Decision:
    logs = tuple(_logs(subject))
    if not logs:
        return not_applicable("there are no files below /var/log")
    found = (shown(entry) for entry in logs if entry.mode & _WRITE or entry.uid >= _SYSTEM_UID)
    return none_of(
        found,
        "{} log files can be written by others than accounts of the system",
        f"none of {len(logs)} log files can be written by others",
    )


def _audit_tools(subject: Subject) -> Decision:
    tools = [entry for name in _TOOLS for entry in subject.programs.get(name, ())]
    if not tools:
        return not_applicable(f"none of {', '.join(_TOOLS)} is in the image")
    found = (
        shown(entry)
        for entry in tools
        if not entry.is_symlink and (entry.uid != 0 or entry.mode & 0o022)
    )
    return none_of(
        found,
        "{} audit tools do not belong to root, or others can write them",
        f"{len(tools)} audit tools belong to root, and nobody else can write them",
    )


CHECKS = (
    Check(
        id="logs-not-readable",
        title="Log files cannot be read by everyone",
        reads="modes below /var/log",
        fix="Remove logs of the build in the last stage, or chmod o-r FILE.",
        command="find var/log -type f -perm /004",
        decide=_not_readable,
    ),
    Check(
        id="logs-not-writable",
        title="Log files cannot be written by others",
        reads="modes and owners below /var/log",
        fix="Remove logs of the build, or chmod o-w FILE; chown root FILE.",
        command="find var/log -type f \\( -perm /002 -o -uid +999 \\)",
        decide=_not_writable,
    ),
    Check(
        id="audit-tools-protected",
        title="Audit tools belong to root and nobody else can write them",
        reads="owners and modes of audit programs",
        fix="chown root:root FILE; chmod 0755 FILE",
        command=f"find . -type f \\( {' -o '.join(f'-name {name}' for name in _TOOLS)} \\)"
        " -exec stat -c '%a %u:%g %n' {} +",
        decide=_audit_tools,
    ),
)
