"""All findings of one image with tier, priority and reasons, most urgent first."""

from collections.abc import Iterable
from dataclasses import dataclass

from careen.model.findings.advisory import KEV, Feed, Severity
from careen.model.findings.finding import Finding
from careen.model.findings.triage import ObservedBy, Priority, Tier, Triaged
from careen.model.packages.package import Inventory, Package
from careen.model.rbom import ImageRef, RuntimeBom
from careen.oci.tree.rootfs import Rootfs
from careen.triage.content import RootfsContent
from careen.triage.evidence import UsageIndex, same_image
from careen.triage.kernel_headers import is_kernel_headers
from careen.triage.packages import PackageIndex
from careen.triage.priority import EPSS_LIKELY, EPSS_RAISED, RUNS, Listening, judge
from careen.triage.questions import answer_questions
from careen.triage.tiers import Proof, Tiers

_PRIORITIES = {priority: i for i, priority in enumerate(Priority)}
_URGENCY = {
    tier: i
    for i, tier in enumerate(
        (
            Tier.EXECUTED,
            Tier.LOADED,
            Tier.NOT_PROFILED,
            Tier.OPENED,
            Tier.LOOKED_UP,
            Tier.PRESENT,
            Tier.REMOVED,
        )
    )
}


def triage(  # noqa: PLR0913 — the inputs of one scan
    findings: Iterable[Finding],
    inventory: Inventory,
    bom: RuntimeBom | None,
    image: ImageRef | None,
    rootfs: Rootfs | None = None,
    *,
    feeds: Iterable[Feed] | None = None,
    foreign: bool = False,
) -> tuple[Triaged, ...]:
    """Return every finding with tier, priority and reasons, most urgent first (`urgency`).

    `bom` may be None (no profile); uses by careen's exploration are ignored. `image` is the scanned
    one, None if unknown (an SBOM, another tool's report). If it is unknown or not the RBOM's, uses
    are joined by path, and by content if `rootfs` is given, and count as hints. `feeds` are those
    of the database, None if it is not asked for what it lacks. `foreign`: see `PackageIndex`.
    """
    bom = bom.without_exploration() if bom is not None else None
    content = (
        None
        if rootfs is None
        else RootfsContent(rootfs, image.diff_ids if image is not None else ())
    )
    use = UsageIndex(bom, image, content)
    packages = PackageIndex(inventory, foreign=foreign)
    there = None if feeds is None else tuple(feeds)
    known = _Known(use, Tiers(use), _KernelHeaders(), there)
    return tuple(
        sorted(
            (_triaged(finding, packages.of(finding), known) for finding in findings), key=urgency
        )
    )


class _KernelHeaders:
    """Cache of `is_kernel_headers` by package."""

    # A package of headers can have thousands of files and hundreds of findings.
    def __init__(self) -> None:
        self._known: dict[str, bool] = {}

    def has(self, package: Package) -> bool:
        if package.purl not in self._known:
            self._known[package.purl] = is_kernel_headers(package)
        return self._known[package.purl]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the image and its use, for all findings of one scan."""

    use: UsageIndex
    tiers: Tiers
    kernel_headers: _KernelHeaders
    feeds: tuple[Feed, ...] | None

    @property
    def has_kev(self) -> bool:
        return self.feeds is None or any(feed.name == KEV for feed in self.feeds)


def _triaged(finding: Finding, package: Package, known: _Known) -> Triaged:
    proof = known.tiers.of(package, finding)
    headers = proof.tier not in (*RUNS, Tier.REMOVED) and known.kernel_headers.has(package)
    listening = _listening(proof, known.use)
    judged = judge(finding, proof, listening, kernel_headers=headers, has_kev=known.has_kev)
    return Triaged(
        finding,
        proof.tier,
        judged.priority,
        judged.reasons,
        proof.scope,
        proof.witnesses,
        proof.health_check_only,
        headers,
        answer_questions(finding, proof, listening, known.feeds or ()),
    )


def _listening(proof: Proof, use: UsageIndex) -> Listening:
    listeners = use.listeners
    if proof.tier not in RUNS:
        return Listening(None)
    for program in _named(proof):
        if ports := listeners.of([program]):
            return Listening(reachable=True, ports=ports, who=_who(program, proof, use))
    if ports := listeners.of(proof.programs):
        return Listening(reachable=True, ports=ports, who="; another program that uses it")
    if listeners.has_unknown_program:
        return Listening(None, listeners.ports)
    if "" in proof.programs or not use.sees_sockets:
        return Listening(None, ())
    return Listening(reachable=False)


def _named(proof: Proof) -> tuple[str, ...]:
    """Return the programs that the first witness names, the acting one first."""
    first = proof.witnesses[:1]
    named = [program for witness in first for program in (witness.executable, witness.path)]
    return tuple(program for program in named if program in proof.programs)


def _who(program: str, proof: Proof, use: UsageIndex) -> str:
    """Return words for the program that listens."""
    who = "that program" if program == proof.witnesses[0].executable else program
    # A process listens, not the whole workload.
    return f"; in one of the workloads {who}" if use.several else f"; {who}"


def urgency(item: Triaged) -> tuple[object, ...]:
    """Return the sort key, which is total and deterministic.

    It is: priority, kernel headers last, tier, KEV, EPSS by threshold, severity (unknown like
    high), fixable first, EPSS, names.
    """
    finding = item.finding
    epss = finding.epss.score if finding.epss is not None else 0.0
    return (
        _PRIORITIES[item.priority],
        item.kernel_headers,
        _URGENCY[item.tier],
        finding.kev is None,
        # Below the lowest threshold differences in EPSS matter less than severity.
        -(epss >= EPSS_LIKELY) - (epss >= EPSS_RAISED),
        -(finding.severity or Severity.HIGH),
        not finding.fixable,
        -epss,
        finding.name,
        finding.version,
        finding.id,
        finding.package,
    )


def observed_by(bom: RuntimeBom, image: ImageRef | None) -> ObservedBy:
    """Return what the tiers rest on: the RBOM's runs without exploration."""
    bom = bom.without_exploration()
    return ObservedBy(
        workloads=tuple(dict.fromkeys(run.workload for run in bom.runs)),
        seconds=sum(run.seconds for run in bom.runs),
        completeness=bom.completeness,
        checked=tuple(dict.fromkeys(run.checked for run in bom.runs)),
        exact=image is not None and same_image(bom.image, image),
    )
