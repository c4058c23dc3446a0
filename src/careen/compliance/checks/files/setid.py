"""Files that give their user other rights: setuid, setgid, file capabilities; device nodes."""

from careen.compliance.check import Check, Decision, none_of
from careen.compliance.checks.files.evidence import mode_of, shown
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence
from careen.model.entry import EntryKind

_RUNTIMES = "/dev/"  # the runtime mounts its own there, which hides the image's
_CAPABILITY = "security.capability"


def _setid(subject: Subject) -> Decision:
    return none_of(
        (shown(entry) for entry in subject.rootfs if entry.is_setid),
        "{} files have the setuid or setgid bit",
        f"none of {len(subject.rootfs)} paths is a file with the setuid or setgid bit",
    )


def _capabilities(subject: Subject) -> Decision:
    found = (
        Evidence(str(entry.path), f"security.capability, {mode_of(entry)}")
        for entry in subject.rootfs
        if entry.is_file and _CAPABILITY in entry.xattrs
    )
    return none_of(
        found,
        "{} files have capabilities of their own",
        f"none of {len(subject.rootfs)} paths is a file with capabilities of its own",
    )


def _devices(subject: Subject) -> Decision:
    found = (
        Evidence(str(entry.path), f"{entry.kind.value} {entry.device[0]}:{entry.device[1]}")
        for entry in subject.rootfs
        if entry.kind in (EntryKind.CHARACTER, EntryKind.BLOCK)
        and not entry.path.startswith(_RUNTIMES)
    )
    return none_of(
        found,
        "{} device nodes are in the layers",
        f"none of {len(subject.rootfs)} paths outside /dev is a device node",
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
    Check(
        id="no-device-nodes",
        title="No device node is in the image, outside /dev",
        reads="kinds of all paths",
        fix="Remove the node: the runtime makes /dev.",
        command="find . -path ./dev -prune -o \\( -type b -o -type c \\) -print",
        decide=_devices,
    ),
)
