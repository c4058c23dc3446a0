"""Make the runtime policy of an image from an RBOM, write it, and prove it."""

import os
import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from careen.engines.client.client import PODMAN
from careen.engines.embedded.accounts import Accounts, Identity, identify, read_accounts
from careen.engines.embedded.seccomp_profile import (
    Conditions,
    architectures,
    moby_profile,
    release,
    rules_for,
)
from careen.engines.embedded.spec import CAPABILITIES
from careen.errors import EvidenceError, InputError
from careen.model.image import ImageConfig
from careen.model.policies.policy import ASKED, ChangedPath, ImageChanges, Policy, RunAs
from careen.model.policies.proof import PolicyProof
from careen.model.rbom import RuntimeBom
from careen.model.rewriting.other_user import OtherUser
from careen.model.runs.workload import Workload
from careen.oci.created import created_from_environment
from careen.oci.image import Image
from careen.pipeline.confining import prove
from careen.pipeline.confining.explored import explore_under
from careen.pipeline.confining.options import Applied
from careen.pipeline.profiling.observe import Subject as Observed
from careen.pipeline.profiling.profile import runnable
from careen.pipeline.run.promote import check_destination, promote
from careen.pipeline.run.session import Session
from careen.pipeline.run.settings import Destination
from careen.pipeline.run.source import Examined, examine, open_source
from careen.policy.files import seccomp
from careen.policy.files.all_files import names, policy_files
from careen.policy.make import make_policy
from careen.policy.other_user import changes_for, with_writable
from careen.policy.subject import Defaults, Rules, Subject
from careen.rbom.store import load_rbom
from careen.report.documents.policy import FILE, policy_json
from careen.report.documents.policy_folder import check_policy_folder, write_policy
from careen.rewrite.other_user import with_other_user
from careen.sensor.syscall_names import syscall_names

_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
_UNFIT = re.compile(r"[^a-z0-9]+")
_LONGEST = 63  # of a name in Kubernetes (RFC 1123)


@dataclass(frozen=True, slots=True)
class PolicyRequest:
    """An image, the RBOM of its workload, and the folder of the policy.

    `name` is that of service, pod and profiles (None: from the image's). `user` is docker's
    USER[:GROUP] to run as. With `workloads` the policy is proved by them, and by exploration if
    it `explores`. With a destination, an image that runs as the user goes there.
    """

    image: str
    rbom: Path
    folder: Path
    name: str | None = None
    audit: bool = False
    user: str | None = None
    workloads: tuple[Workload, ...] = ()
    destination: Destination = field(default_factory=Destination)
    explores: bool = False

    @property
    def makes_image(self) -> bool:
        """Whether an image that runs as the user is wanted."""
        return bool(self.destination.describe())


@dataclass(frozen=True, slots=True)
class Written:
    """A policy, its files, and the names of the new image, if one was made."""

    policy: Policy
    files: tuple[Path, ...]
    places: tuple[str, ...] = ()


def make_policies(request: PolicyRequest, session: Session) -> Written:
    """Write the policy of an image to the folder; with workloads, prove it first.

    With a destination, the image is changed to run as the user, and gets its name if the tests
    pass. Raises InputError for an RBOM of another image, EvidenceError for an incomplete one.
    """
    bom = load_rbom(request.rbom)
    check_policy_folder(request.folder, names())
    if request.explores:
        session.require_engine_and_sensor()
    if request.makes_image:
        check_destination(request.destination, request.image, session)
    with ExitStack() as opened:
        with session.stage("inspect"):
            original = examine(opened.enter_context(open_source(request.image, session)), session)
        subject = subject_of(request, bom, original)
        examined, changes = original, None
        if request.makes_image:
            with session.stage("rewrite"):
                changes = changes_for(subject, own_home(original))
                image = opened.enter_context(_for_user(original, changes, session))
                examined = examine(image, session)
            subject = with_writable(replace(subject, rootfs=examined.rootfs), changes)
            subject = replace(subject, config=examined.image.config)
        policy = make_policy(subject, examined.image.ref, audit=request.audit)
        if changes is not None:
            name = request.destination.describe()[0]
            policy = replace(policy, image=name, changes=_told(original, changes))
        files = policy_files(policy, bom, subject.defaults)
        return _finish(request, examined, policy, files, session)


def _told(original: Examined, changes: OtherUser) -> ImageChanges:
    """Return the changes as the policy tells them, without contents."""
    paths = (
        ChangedPath(str(each.path), each.uid, each.gid, each.mode, each.reason)
        for each in changes.owned
    )
    digest = original.image.ref.digest
    return ImageChanges(digest, tuple(paths), changes.environment, changes.left)


def _for_user(original: Examined, changes: OtherUser, session: Session) -> Image:
    created = created_from_environment(os.environ, original.image.config)
    scratch = session.scratch("other-user")
    return with_other_user(original.image, original.rootfs, changes, created, scratch)


def _finish(
    request: PolicyRequest,
    examined: Examined,
    policy: Policy,
    files: Mapping[str, bytes],
    session: Session,
) -> Written:
    """Prove the policy, write it, and give a new image its name if the tests pass."""
    if not request.workloads:
        return _write(request.folder, policy, files)
    profile = _profile(policy, files, session)
    with runnable(examined, session) as prepared:
        with session.stage("verify"):
            applied = Applied(policy, profile, owners=session.engine.name != PODMAN.name)
            subject = prove.Subject(prepared, examined.image.config, applied)
            proof = prove.prove(subject, request.workloads, session)
            if request.explores and proof.passed:
                proof = _explored(request, examined, subject, proof, session)
        written = _write(request.folder, replace(policy, proof=proof), files)
        if not request.makes_image or not proof.passed:
            return written
        with session.stage("promote"):
            places = promote(examined.image, prepared, request.destination, session)
        return replace(written, places=places)


def _explored(
    request: PolicyRequest,
    examined: Examined,
    subject: prove.Subject,
    proof: PolicyProof,
    session: Session,
) -> PolicyProof:
    """Return the proof with what exploration found under the policy."""
    plain = Observed(subject.prepared, subject.config, None)
    explored = explore_under(examined, plain, subject.applied, request.workloads, session)
    left = tuple(each for each in proof.not_applied if each != prove.NOT_EXPLORED)
    return replace(proof, explored=explored, not_applied=left)


def _profile(policy: Policy, files: Mapping[str, bytes], session: Session) -> Path:
    """Write the seccomp profile for the engine. Raises EvidenceError if there is none."""
    if policy.calls.unknown:
        msg = f"--prove: there is no seccomp profile to prove: {policy.calls.unknown}"
        raise EvidenceError(msg)
    profile = session.scratch("policy") / seccomp.FILE
    profile.write_bytes(files[seccomp.FILE])
    return profile


def _write(folder: Path, policy: Policy, files: Mapping[str, bytes]) -> Written:
    documents = {**files, FILE: policy_json(policy)}
    write_policy(folder, names(), documents)
    return Written(policy, tuple(folder / name for name in documents))


def subject_of(request: PolicyRequest, bom: RuntimeBom, examined: Examined) -> Subject:
    """Return what the policy is made of."""
    config = examined.image.config
    accounts = read_accounts(examined.rootfs)
    own = identify(accounts, config.user)
    user = run_as(request.user, accounts, config)
    return Subject(
        name=policy_name(
            _image_name(bom.image.reference) if request.name is None else request.name
        ),
        bom=bom,
        rootfs=examined.rootfs,
        inventory=examined.inventory,
        config=config,
        user=user,
        defaults=docker_defaults(config.platform.architecture, bom),
        other_user=user.uid != own.uid,
    )


def run_as(asked: str | None, accounts: Accounts, config: ImageConfig) -> RunAs:
    """Return the user that was asked for, else the image's. Raises InputError."""
    if asked is None:
        source = "USER of the image" if config.user else "the image has no USER"
        return _as(identify(accounts, config.user), source)
    if asked.isascii() and asked.isdigit() and not identify(accounts, asked).login:
        asked = f"{asked}:{asked}"  # a user without an account gets a group of its own
    return _as(identify(accounts, asked), ASKED)


def _as(found: Identity, source: str) -> RunAs:
    others = tuple(group for group in found.groups if group != found.gid)
    return RunAs(found.uid, found.gid, found.home, source, others)


def own_home(examined: Examined) -> str:
    """Return the home directory of the image's own user."""
    stated = examined.image.config.env.get("HOME")
    return stated or identify(read_accounts(examined.rootfs), examined.image.config.user).home


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

    return Defaults(
        rules,
        frozenset(known.values()),
        frozenset(CAPABILITIES),
        tuple(architectures(moby_profile(), _MACHINES[architecture])),
    )


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
