"""The policy of an image, from the RBOM of its workload."""

from collections.abc import Iterator

from careen.errors import EvidenceError, InputError
from careen.model.paths import parent
from careen.model.policies.policy import Calls, Policy, WritableBy
from careen.model.rbom import ImageRef, UsedFile
from careen.model.runs.trace import Use
from careen.oci.made_of import steps_of
from careen.policy.blind_runs import without_system_calls
from careen.policy.calls import allowed_calls
from careen.policy.capabilities import needed_capabilities, privileges_needed
from careen.policy.network import listening_ports, network_unknown, peers
from careen.policy.subject import Subject
from careen.policy.writable import Writes, is_byte_code, writes_of


def make_policy(subject: Subject, image: ImageRef, *, audit: bool) -> Policy:
    """Return the policy; raises InputError for an RBOM of another image, EvidenceError."""
    require_evidence(subject)
    capabilities = needed_capabilities(subject)
    names = frozenset(each.name for each in capabilities)
    architecture = image.platform.split("/")[1]
    calls = allowed_calls(subject.bom, architecture, subject.defaults, names)
    writes = writes_of(subject)
    return Policy(
        name=subject.name,
        image=image.reference,
        digest=image.digest,
        rbom_of=subject.bom.image.digest,
        audit=audit,
        user=subject.user,
        calls=calls,
        capabilities=capabilities,
        writable=writes.writable,
        fixed_root=writes.fixed_root,
        privileges=privileges_needed(subject),
        ports=listening_ports(subject.bom),
        peers=peers(subject.bom),
        network_unknown=network_unknown(subject.bom),
        unknown=(*_origin(subject, image), *_unknown(subject, calls), *writes.left),
        left_open=tuple(_left_open(writes)),
    )


def require_evidence(subject: Subject) -> None:
    """Raise EvidenceError for an incomplete RBOM, InputError for one of another image."""
    bom = subject.bom
    if not bom.completeness.complete:
        msg = (
            f"{bom.completeness.sentence()}: a policy from this RBOM would refuse what was not"
            " seen; profile again"
        )
        raise EvidenceError(msg)
    if not bom.saw_start:
        msg = (
            "no run of the RBOM saw the start of a container, which a policy has to allow: merge it"
            " with a profile of this image"
        )
        raise EvidenceError(msg)
    ran = (
        file.path
        for file in bom.without_exploration().files
        if any(use.use in (Use.EXECUTED, Use.MAPPED) for use in file.uses)
    )
    if (lacking := next((path for path in ran if path not in subject.rootfs), None)) is not None:
        msg = (
            f"the RBOM is of another image: {lacking} ran in {bom.image.reference}, and is not in"
            " this one; profile this image"
        )
        raise InputError(msg)


def file_is_byte_code(subject: Subject, file: UsedFile) -> bool:
    """Return whether a file of the RBOM shows that Python wrote byte code."""
    directory = file.path if file.kind == "directory" else parent(file.path)
    written = any(use.use is Use.WRITTEN for use in file.uses)
    return written and is_byte_code(subject, file, directory)


def _origin(subject: Subject, image: ImageRef) -> Iterator[str]:
    """Yield a line if nothing shows that the RBOM is of this image, or of one it was made from."""
    profiled = {subject.bom.image.config_digest, subject.bom.image.manifest_digest} - {None}
    own = {image.config_digest, image.manifest_digest}
    if profiled.isdisjoint(own | {made.original for made in steps_of(subject.config)}):
        yield (
            f"whether the RBOM is of this image: it is of {subject.bom.image.reference}"
            f" ({subject.bom.image.digest}), and careen's history in the image does not name that"
        )


def _left_open(writes: Writes) -> Iterator[str]:
    """Yield where programs that are written at run time can be executed."""
    if writes.fixed_root:
        yield "programs that are written to the root, which is not read-only, can be executed"
    for each in writes.writable:
        if each.by is WritableBy.VOLUME:
            yield f"programs that are written to {each.path} can be executed: it is a volume"
        elif each.executable:
            yield f"programs that are written to {each.path} can be executed: code is compiled"
    if writes.writable:
        yield (
            "in Kubernetes, programs that are written to any writable directory can be executed: an"
            " emptyDir has no noexec"
        )


def _unknown(subject: Subject, calls: Calls) -> Iterator[str]:
    """Yield what the RBOM does not show."""
    if calls.unknown:
        yield calls.unknown
    elif subject.bom.emulated:
        yield "system calls of the runs that an emulator made: those of the other runs count"
    if reason := network_unknown(subject.bom):
        yield reason
    elif blind := without_system_calls(subject.bom):
        yield (
            "system calls, ports and addresses of the runs that the eBPF sensor did not watch"
            f" ({blind}): those of the other runs count"
        )
    yield "system calls and endpoints of exploration: an RBOM has those of workloads alone"
    yield "names that the workload looked up: an RBOM has addresses, which may change"
    yield "whether a port is of TCP or UDP, where nothing was sent from it: TCP is taken"
    if any(file_is_byte_code(subject, file) for file in subject.bom.files):
        yield "whether Python starts more slowly: it wrote byte code, and cannot under the policy"
    yield "how much is written: the tmpfs mounts have no limit of their own"
    if subject.user.uid == 0 and calls.unknown:
        yield "capabilities: their need is seen by system calls, and those are not known"
    elif subject.user.uid == 0:
        yield "capabilities whose need no system call shows (raw sockets, for example)"
    if subject.other_user:
        yield f"what the workload does as {subject.user.uid}: it was profiled as another user"
