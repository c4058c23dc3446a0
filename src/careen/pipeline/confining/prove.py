"""Prove a policy: the workloads' tests pass under it, and probes say what it blocks."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace

from careen.errors import ToolError, WorkloadError
from careen.model.image import ImageConfig
from careen.model.policies.policy import Policy
from careen.model.policies.proof import PolicyProof, TestsUnder
from careen.model.runs.engine import PreparedImage
from careen.model.runs.workload import RunOptions, Workload, WorkloadResult
from careen.pipeline.confining.options import Applied, Part, confined
from careen.pipeline.profiling import observe
from careen.pipeline.proof.unwatched import run_unwatched
from careen.pipeline.run.session import Session
from careen.policy.probes import PROGRAM, judged, places, probe_program, read_results
from careen.workload.health import health_words

INSIDE = "/.careen-probe"
"""Where the program is in the container; `probe.c` knows the path."""

_SECONDS = 120.0
_APPARMOR = "the AppArmor profile: careen does not load profiles into this machine's kernel"
_KUBERNETES = "Kubernetes objects and the bill of behaviour: they need a cluster"
NOT_EXPLORED = "what exploration tries: only the tests ran under the policy (--explore safe)"
NOT_APPLIED = (_APPARMOR, _KUBERNETES, NOT_EXPLORED)


@dataclass(frozen=True, slots=True)
class Subject:
    """A prepared image with its policy."""

    prepared: PreparedImage
    config: ImageConfig
    applied: Applied

    @property
    def policy(self) -> Policy:
        return self.applied.policy


def prove(subject: Subject, workloads: tuple[Workload, ...], session: Session) -> PolicyProof:
    """Run the tests of each workload and the probes under the policy.

    Raises WorkloadError if the tests fail without the policy, too.
    """
    tests = tuple(_tests(subject, workload, session) for workload in workloads)
    session.say("trying what the policy must block")
    base = workloads[0].run if workloads else RunOptions()
    plain = RunOptions(user=f"{subject.policy.user.uid}:{subject.policy.user.gid}")
    mounted = (item.partition(":")[0].rstrip("/") or "/" for item in base.tmpfs)
    directories = places(subject.policy, mounted)
    plain = replace(plain, args=directories)
    under = _probe(subject, confined(replace(plain, tmpfs=base.tmpfs), subject.applied), session)
    without = _probe(subject, plain, session)
    results = tuple(judged(subject.policy, under, without, directories))
    return PolicyProof(session.engine.name, tests, results, NOT_APPLIED)


def _tests(subject: Subject, workload: Workload, session: Session) -> TestsUnder:
    """Run a workload under the policy; if it fails, find the part of the policy that breaks it.

    Tests that are held out of profiles run as well: what they need was not seen.
    """
    workload = replace(workload, tests=(*workload.tests, *workload.held_out), held_out=())
    result = _under(subject, workload, session)
    reason = trouble(result)
    if reason:
        plain = _run(subject, workload, session)
        if not plain.passed:
            msg = (
                f"workload {workload.name!r} fails without the policy, too: {plain.reason}; a"
                " policy is proved by tests that pass"
            )
            raise WorkloadError(msg)
        # An image that is unhealthy anyway is not made so by the policy.
        own = not result.passed or not trouble(plain)
        reason = f"{reason}; {_breaking(subject, workload, session)}" if own else ""
    cases = [test.cases for test in result.tests if test.cases is not None]
    return TestsUnder(
        workload.name,
        not reason,
        sum(cases) if cases else None,
        round(result.seconds, 3),
        reason,
    )


def trouble(result: WorkloadResult) -> str:
    """Return why a workload did not pass or is unhealthy, or ""."""
    if not result.passed:
        return result.reason
    if result.health is not None and result.health.status != 0:
        return f"the image's HEALTHCHECK {health_words(result.health)}"
    return ""


def _under(
    subject: Subject, workload: Workload, session: Session, without: Part | None = None
) -> WorkloadResult:
    run = confined(workload.run, subject.applied, without)
    return _run(subject, replace(workload, run=run), session)


def _breaking(subject: Subject, workload: Workload, session: Session) -> str:
    for part in Part:
        session.say(f"workload {workload.name}: without {part.value}")
        if not trouble(_under(subject, workload, session, part)):
            return f"it passes without {part.value}"
    return "no single part of the policy breaks it"


def _run(subject: Subject, workload: Workload, session: Session) -> WorkloadResult:
    return run_unwatched(observe.Subject(subject.prepared, subject.config, None), workload, session)


def _probe(subject: Subject, options: RunOptions, session: Session) -> Mapping[str, str]:
    """Run the probe program as the only process of a container, and return what it printed."""
    place = session.scratch("probe")
    shutil.copyfile(probe_program(), place / PROGRAM)
    (place / PROGRAM).chmod(0o755)
    place.chmod(0o755)
    mounted = replace(
        options,
        volumes=(*options.volumes, f"{place.absolute()}:{INSIDE}:ro"),
        entrypoint=f"{INSIDE}/{PROGRAM}",
    )
    container = session.engine.create(subject.prepared, mounted, ())
    try:
        container.start()
        if container.wait(_SECONDS) is None:
            msg = f"the program that tries the policy did not end in {_SECONDS:g} s"
            raise ToolError(msg)
        output = container.logs()
    finally:
        container.remove()
    found = read_results(output)
    if not found:
        msg = f"the program that tries the policy did not run: {output.strip()[-300:]!r}"
        raise ToolError(msg)
    return found
