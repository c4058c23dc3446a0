"""Make the runtime policy of an image from an RBOM, write it, and prove it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from careen.engines.embedded.accounts import identify, read_accounts
from careen.engines.embedded.seccomp_profile import (
    Conditions,
    moby_profile,
    release,
    rules_for,
)
from careen.engines.embedded.spec import CAPABILITIES
from careen.errors import EvidenceError, InputError
from careen.model.policies.policy import Policy, RunAs
from careen.model.policies.proof import PolicyProof
from careen.model.rbom import RuntimeBom
from careen.model.runs.workload import Workload
from careen.pipeline.confining import prove
from careen.pipeline.profiling.profile import runnable
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import Destination
from careen.pipeline.run.source import Examined, examine, open_source
from careen.policy.files import seccomp
from careen.policy.files.all_files import names, policy_files
from careen.policy.make import make_policy
from careen.policy.subject import Defaults, Rules, Subject
from careen.rbom.store import load_rbom
from careen.report.directory import clear_report, write_report
from careen.report.documents.policy import FILE, policy_json
from careen.sensor.syscall_names import syscall_names

_ADVICE = "name another folder with --policy-dir"
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
_UNFIT = re.compile(r"[^a-z0-9]+")
_LONGEST = 63  # of a name in Kubernetes (RFC 1123)


@dataclass(frozen=True, slots=True)
class PolicyRequest:
    """An image, the RBOM of its workload, and the folder of the policy.

    `name` is that of service, pod and profiles (None: from the image's). `user` is docker's
    USER[:GROUP] to run as. With `workloads` the policy is proved by them.
    """

    image: str
    rbom: Path
    folder: Path
    name: str | None = None
    audit: bool = False
    user: str | None = None
    workloads: tuple[Workload, ...] = ()
    destination: Destination = field(default_factory=Destination)


@dataclass(frozen=True, slots=True)
class Written:
    """A policy, and its files."""

    policy: Policy
    files: tuple[Path, ...]


def make_policies(request: PolicyRequest, session: Session) -> Written:
    """Write the policy of an image to the folder; with workloads, prove it first.

    Raises InputError for an RBOM of another image, EvidenceError for one that is incomplete.
    """
    bom = load_rbom(request.rbom)
    with session.stage("inspect"):
        opened = open_source(request.image, session)
    with opened:
        with session.stage("inspect"):
            examined = examine(opened, session)
        subject = subject_of(request, bom, examined)
        policy = make_policy(subject, examined.image.ref, audit=request.audit)
        files = policy_files(policy, bom, subject.defaults)
        if request.workloads:
            policy = replace(policy, proof=_proved(request, examined, policy, files, session))
        return _write(request.folder, policy, files)


def _proved(
    request: PolicyRequest,
    examined: Examined,
    policy: Policy,
    files: Mapping[str, bytes],
    session: Session,
) -> PolicyProof:
    """Run the workloads under the policy. Raises EvidenceError without a seccomp profile."""
    if policy.calls.unknown:
        msg = f"--prove: there is no seccomp profile to prove: {policy.calls.unknown}"
        raise EvidenceError(msg)
    profile = session.scratch("policy") / seccomp.FILE
    profile.write_bytes(files[seccomp.FILE])
    with session.stage("verify"), runnable(examined, session) as prepared:
        subject = prove.Subject(prepared, examined.image.config, policy, profile)
        return prove.prove(subject, request.workloads, session)


def _write(folder: Path, policy: Policy, files: Mapping[str, bytes]) -> Written:
    """Write all files; those of an earlier policy go."""
    write_report(folder, {}, _ADVICE)
    clear_report(folder, (*names(), FILE))
    documents = {**files, FILE: policy_json(policy)}
    write_report(folder, documents, _ADVICE)
    return Written(policy, tuple(folder / name for name in documents))


def subject_of(request: PolicyRequest, bom: RuntimeBom, examined: Examined) -> Subject:
    """Return what the policy is made of."""
    config = examined.image.config
    asked = request.user if request.user is not None else config.user
    identity = identify(read_accounts(examined.rootfs), asked)
    own = identify(read_accounts(examined.rootfs), config.user)
    source = "--user" if request.user is not None else "USER of the image"
    if request.user is None and not config.user:
        source = "the image has no USER"
    return Subject(
        name=policy_name(request.name or _image_name(bom.image.reference)),
        bom=bom,
        rootfs=examined.rootfs,
        inventory=examined.inventory,
        config=config,
        user=RunAs(identity.uid, identity.gid, identity.home, source),
        defaults=docker_defaults(config.platform.architecture, bom),
        other_user=identity.uid != own.uid,
    )


def docker_defaults(architecture: str, bom: RuntimeBom) -> Defaults:
    """Return docker's default profile for an architecture and the kernel of the profiled runs.

    Raises InputError for an architecture without a table of system calls.
    """
    known = syscall_names(_MACHINES.get(architecture, ""))
    if not known or not seccomp.is_supported(architecture):
        msg = (
            f"no policy for {architecture or 'an unknown architecture'} yet: careen knows the"
            f" system calls of {', '.join(_MACHINES)}"
        )
        raise InputError(msg)
    kernel = min((release(run.sensor.kernel) for run in bom.runs), default=(0, 0))

    def rules(capabilities: frozenset[str]) -> Rules:
        return rules_for(moby_profile(), Conditions(architecture, kernel, capabilities))

    return Defaults(rules, frozenset(known.values()), frozenset(CAPABILITIES))


def _image_name(reference: str) -> str:
    """Return the last component of an image's name, without tag and digest."""
    last = reference.partition("@")[0].rpartition("/")[2]
    return last.partition(":")[0]


def policy_name(text: str) -> str:
    """Return a name for service, pod and profiles. Raises InputError if nothing is left of it."""
    name = _UNFIT.sub("-", text.lower()).strip("-")[:_LONGEST].strip("-")
    if not name:
        msg = f"--name {text!r}: expected letters or digits, for example my-service"
        raise InputError(msg)
    return name
