"""Which capabilities a workload needs, and what shows it."""

from collections.abc import Iterator

from careen.model.entry import Entry
from careen.model.paths import ImagePath, ancestors
from careen.model.policies.policy import Capability
from careen.model.rbom import UsedFile
from careen.model.runs.trace import Use
from careen.policy.access import may
from careen.policy.network import listening_ports
from careen.policy.subject import Subject
from careen.policy.tables import capability_rules

PRIVILEGED = 1024
"""Ports below this one need CAP_NET_BIND_SERVICE."""

FILE_CAPABILITIES = "security.capability"
_READ, _WRITE, _SEARCH = 4, 2, 1


def needed_capabilities(subject: Subject) -> tuple[Capability, ...]:
    """Return the capabilities that the workload uses, as far as the RBOM shows it.

    A user other than root has none, unless a listener's port needs it.
    """
    found = {need.name: need for need in _needs(subject)}
    return tuple(found[name] for name in sorted(found))


def _needs(subject: Subject) -> Iterator[Capability]:
    low = [port for port in listening_ports(subject.bom) if port < PRIVILEGED]
    if low:
        yield Capability("CAP_NET_BIND_SERVICE", f"listens on port {low[0]}")
    if subject.user.uid != 0:
        return
    seen = {name for names in subject.bom.syscalls.values() for name in names}
    for rule in capability_rules():
        if calls := sorted(rule.calls & seen):
            yield Capability(rule.name, f"{rule.reason}: {', '.join(calls)}")
    if (path := _foreign(subject)) is not None:
        yield Capability("CAP_DAC_OVERRIDE", f"uses {path}, which its mode allows its owner alone")


def _foreign(subject: Subject) -> ImagePath | None:
    """Return a used path that root needs a capability for, or None."""
    for file in subject.bom.files:
        wanted = access_of(file)
        entry = subject.rootfs.get(file.path)
        if wanted and entry is not None and not may(entry, 0, 0, wanted):
            return file.path
        for above in ancestors(file.path):
            there = subject.rootfs.get(above)
            if there is not None and not may(there, 0, 0, _SEARCH):
                return file.path
    return None


def access_of(file: UsedFile) -> int:
    """Return the permission bits (4, 2, 1) that the uses of a file need."""
    uses = {use.use for use in file.uses}
    wanted = _READ if uses & {Use.OPENED, Use.MAPPED, Use.LISTED} else 0
    wanted |= _WRITE if Use.WRITTEN in uses else 0
    return wanted | (_SEARCH if Use.EXECUTED in uses else 0)


def privileges_needed(subject: Subject) -> tuple[str, ...]:
    """Return why programs must be able to gain privileges; empty if none does."""
    return tuple(
        f"{file.path} was executed and {gain}"
        for file in subject.bom.files
        if any(use.use is Use.EXECUTED for use in file.uses)
        and (entry := subject.rootfs.get(file.path)) is not None
        and (gain := _gain(entry))
    )


def _gain(entry: Entry) -> str:
    if entry.is_setid:
        return "has the setuid or setgid bit"
    return "has file capabilities" if FILE_CAPABILITIES in entry.xattrs else ""
