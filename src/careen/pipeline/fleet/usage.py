"""The uses of an image's packages and files, by the rules of triage (docs/triage.md)."""

from collections.abc import Iterator

from careen.model.entry import EntryKind
from careen.model.findings.triage import Tier
from careen.model.fleet.facts import FileFact, Listener, Usage
from careen.model.fleet.grade import Grade
from careen.model.packages.package import Inventory
from careen.model.rbom import RuntimeBom
from careen.model.runs.trace import Use
from careen.triage.evidence import ObservedUse, UsageIndex
from careen.triage.listening import is_reachable
from careen.triage.tiers import TIER_ORDER, Proof, Tiers

_GRADES = {
    Tier.EXECUTED: Grade.EXECUTED,
    Tier.LOADED: Grade.LOADED,
    Tier.OPENED: Grade.OPENED,
    Tier.LOOKED_UP: Grade.PRESENT,
    Tier.PRESENT: Grade.PRESENT,
    Tier.NOT_PROFILED: Grade.NOT_KNOWN,
}
_RANK = {tier: i for i, tier in enumerate(TIER_ORDER)}
_RAN = frozenset({Tier.EXECUTED, Tier.LOADED})


def package_usages(
    inventory: Inventory, use: UsageIndex, unseen: str
) -> Iterator[tuple[str, Usage]]:
    """Yield the purls whose use is not the one that goes without saying, with that use.

    Without a word a package is present if all uses were seen, and not known if not (`unseen`).
    """
    tiers = Tiers(use)
    silent = Grade.NOT_KNOWN if unseen else Grade.PRESENT
    for purl, package in inventory.packages.items():
        proof = tiers.of_package(package)
        grade = _GRADES[proof.tier]
        if grade is not silent:
            yield purl, _usage(grade, proof, use)


def _usage(grade: Grade, proof: Proof, use: UsageIndex) -> Usage:
    first = next(iter(proof.witnesses), None)
    return Usage(
        grade,
        first.workload if first is not None else "",
        first.executable or first.path if first is not None else "",
        _ports(proof.programs, use) if proof.tier in _RAN else _no_ports(grade),
    )


def file_facts(bom: RuntimeBom, use: UsageIndex) -> Iterator[FileFact]:
    """Yield the files whose content was used, each with its strongest use."""
    same: dict[Usage, Usage] = {}  # one object for each use: thousands of files share it
    for file in bom.files:
        if file.kind != EntryKind.FILE.value:
            continue
        seen = use.at(file.path)
        if not seen:
            continue
        best = min(seen, key=lambda each: (_RANK[each.tier], each.use.origin, each.use.executable))
        grade = _GRADES[best.tier]
        programs = frozenset(
            program for each in seen if each.tier in _RAN for program in _programs(each)
        )
        ports = _ports(programs, use) if best.tier in _RAN else _no_ports(grade)
        program = best.use.executable or file.path
        usage = Usage(grade, best.use.origin, program, ports)
        yield FileFact(file.path, file.sha256, same.setdefault(usage, usage))


def _programs(sighting: ObservedUse) -> tuple[str, ...]:
    own = (sighting.path,) if sighting.use.use is Use.EXECUTED else ()
    return (*own, sighting.use.executable)


def _ports(programs: frozenset[str], use: UsageIndex) -> tuple[int, ...] | None:
    """Return the ports of programs; None if no RBOM of this image shows all sockets."""
    ports = use.listeners.of(programs)
    if ports:
        return ports
    if use.listeners.has_unknown_program or "" in programs or not use.sees_sockets:
        return None
    return ()


def _no_ports(grade: Grade) -> tuple[int, ...] | None:
    return None if grade is Grade.NOT_KNOWN else ()


def listeners_of(bom: RuntimeBom) -> Iterator[Listener]:
    """Yield the ports that programs of an image listen on."""
    for endpoint in bom.endpoints:
        if is_reachable(endpoint):
            yield Listener(endpoint.port, endpoint.executable)
