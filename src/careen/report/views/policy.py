"""Terminal view of `careen policy`."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from careen.model.policies.policy import CallSource, Policy
from careen.model.policies.proof import BlockedBy, PolicyProof, ProbeResult
from careen.model.rewriting.other_user import OPENED
from careen.report.terminal_output.figures import counted, number
from careen.report.terminal_output.screen import shown


def print_policy(console: Console, policy: Policy, files: Sequence[Path]) -> None:
    """Print what the policy allows, its proof, and what is not known."""
    told = (*_allowed(policy), *_changes(policy), *_proof(policy.proof), *_gaps(policy))
    for line in (*told, *(f"written: {file}" for file in files)):
        console.print(shown(line), markup=False, highlight=False, soft_wrap=True)


def calls_line(policy: Policy) -> str:
    """Return how many system calls are allowed, against docker's default."""
    calls = policy.calls
    if calls.unknown:
        return f"no seccomp profile: {calls.unknown}"
    counts = {source: sum(call.source is source for call in calls.allowed) for source in CallSource}
    return (
        f"{number(len(calls.allowed))} of {number(calls.default or 0)} that docker's default allows"
        f" on {calls.architecture}: {counts[CallSource.OBSERVED]} observed,"
        f" {counts[CallSource.VARIANT]} variants, {counts[CallSource.FLOOR]} floor"
    )


def _allowed(policy: Policy) -> Iterator[str]:
    yield f"system calls   {calls_line(policy)}"
    user = policy.user
    more = f", groups {', '.join(map(str, user.groups))}" if user.groups else ""
    yield f"user           {user.uid}:{user.gid}{more} ({user.source})"
    needs = "; ".join(f"{each.name} ({each.reason})" for each in policy.capabilities)
    yield f"capabilities   {needs or 'none'}"
    root = "read-only" if policy.read_only else f"writable: {policy.fixed_root[0]}"
    yield f"root           {root}"
    gain = "no" if policy.no_new_privileges else f"yes: {policy.privileges[0]}"
    yield f"new privileges {gain}"
    for each in policy.writable:
        yield f"writable       {each.path} ({each.by.value}): {each.reason}"
    if policy.network_unknown:
        yield f"network        no policy: {policy.network_unknown}"
        return
    ports = ", ".join(map(str, policy.ports)) or "none"
    peers = ", ".join(f"{peer.address} port {peer.port}" for peer in policy.peers)
    yield f"network        listens on {ports}; connects to {peers or 'no address beyond itself'}"


def _proof(proof: PolicyProof | None) -> Iterator[str]:
    if proof is None:
        return
    for each in proof.tests:
        cases = "" if each.cases is None else f" ({counted(each.cases, 'case')})"
        said = f"passed{cases}" if each.passed else f"FAILED: {each.reason}"
        yield f"tests          workload {each.workload} under the policy: {said}"
    yield (
        f"probes         {proof.blocked} of {len(proof.probes)} blocked, {proof.by_policy_alone} of"
        " them by the policy alone"
    )
    for probe in proof.probes:
        # What the engine's defaults block anyway is in policy.json.
        if probe.blocked_by is None or not probe.already:
            yield f"  {probe.title}: {_outcome(probe)}"
    if (explored := proof.explored) is not None:
        yield (
            f"explored       {counted(explored.answers, 'answer')} of"
            f" {counted(explored.experiments, 'experiment')}, {explored.differences} differ under"
            " the policy"
        )
        yield from (f"  {text}" for text in explored.differing)
    for text in proof.not_applied:
        yield f"not proved     {text}"


def _outcome(probe: ProbeResult) -> str:
    """Return what stops a probe, or that nothing does."""
    match probe.blocked_by:
        case None:
            return "NOT blocked"
        case BlockedBy.ABSENT | BlockedBy.KERNEL:
            return f"nothing to block: {probe.blocked_by.value} ({probe.under})"
        case BlockedBy.UNKNOWN:
            return f"not known whether it is blocked ({probe.under})"
        case by:
            return f"blocked by {by.value} ({probe.under})"


def _changes(policy: Policy) -> Iterator[str]:
    if policy.changes is None:
        return
    yield f"new image      {counted(len(policy.changes.paths), 'path')} with another owner or mode"
    for each in policy.changes.paths:
        if each.reason.startswith(OPENED):
            yield f"opened         {each.path} to group {each.gid} ({each.mode:o}): {each.reason}"
    for name, value in policy.changes.environment.items():
        yield f"environment    {name}={value}"
    for text in policy.changes.left:
        yield f"not changed    {text}"


def _gaps(policy: Policy) -> Iterator[str]:
    for text in policy.left_open:
        yield f"not stopped    {text}"
    for text in policy.unknown:
        yield f"not known      {text}"


def final_line(policy: Policy, folder: Path) -> str:
    """Return the result in one line."""
    proof = policy.proof
    if proof is None:
        outcome = "not proved: --prove runs the tests under it"
    elif proof.passed:
        outcome = f"proved: tests passed, {proof.blocked} of {len(proof.probes)} probes blocked"
    elif all(each.passed for each in proof.tests):
        outcome = "NOT proved: answers of exploration differ under it"
    else:
        outcome = "NOT proved: tests fail under it"
    mode = "audit policy" if policy.audit else "policy"
    return shown(f"{mode} of {policy.image} in {folder}; {outcome}")
