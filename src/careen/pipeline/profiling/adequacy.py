"""Adequacy of a profile, measured from its workloads and the exploration."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from careen.adequacy.chains import Sizes
from careen.adequacy.curve import Curve, Watched, discovery
from careen.adequacy.declared import judge_entry_points, judge_modules, run_files, unloaded
from careen.adequacy.hanging import Reached, Seen, cold_files, hanging
from careen.adequacy.judge import Measured, judge
from careen.adequacy.lazy import unexercised
from careen.adequacy.operations import Called, judge_operations, with_missing_by_bytes
from careen.adequacy.ports import judge_ports
from careen.adequacy.saturation import saturation
from careen.adequacy.sights import FirstUses, earliest, find_first_uses
from careen.formats.openapi import Operation
from careen.model.adequacy import Adequacy
from careen.model.paths import ImagePath
from careen.model.plan import Plan
from careen.model.runs.workload import TestPlace
from careen.pipeline.profiling.application_inventory import find_own_code
from careen.pipeline.profiling.explore import Exploration
from careen.pipeline.profiling.observe import Observation
from careen.pipeline.profiling.profile import Profile
from careen.pipeline.run.source import Examined
from careen.workload.ports import fixed_ports


def measure_adequacy(
    examined: Examined, seen: Profile, exploration: Exploration | None, plan: Plan | None = None
) -> Adequacy:
    """Measure how well the workloads of a profile cover what the image does.

    Exploration only shows what the workloads left out. With a plan, the files kept because of that
    are counted, too.
    """
    workloads = seen.bom.without_exploration()
    run, used = run_files(workloads), frozenset(file.path for file in workloads.files)
    gap = workloads.completeness.sentence()
    watched = [
        Watched(each.workload, each.result, _sights(each, examined)) for each in seen.observations
    ]
    curve = Curve(why=gap) if gap else discovery(watched)
    called = _called(seen.observations, exploration.operations if exploration is not None else None)
    own = find_own_code(examined, workloads)
    idle = unloaded(own.modules, run)
    sizes = _sizes(examined)
    cold = cold_files(_reached(examined, exploration), called.operations, used)
    found = hanging(cold, [module.path for module in idle], Seen(used, run), sizes, plan)
    weights = {item.name: item.bytes for item in reversed(found)}
    endpoints = [endpoint for each in seen.observations for endpoint in each.trace.endpoints]
    return judge(
        Measured(
            curve=curve,
            gap=gap,
            saturation=saturation(curve),
            called=replace(called, part=with_missing_by_bytes(called.part, weights)),
            modules=judge_modules(own.modules, idle, weights),
            ports=judge_ports(
                examined.image.config.exposed_ports,
                endpoints,
                _connections(seen.observations),
                _fixed(seen.observations),
            ),
            entry_points=judge_entry_points(own.entry_points, run),
            hanging=found,
            unexercised=unexercised(plan, run, sizes) if plan is not None else (),
        )
    )


def _sights(seen: Observation, examined: Examined) -> FirstUses:
    """Return when files were first used in a workload's container and in those of its tests."""
    return earliest(find_first_uses(trace, examined.rootfs) for trace in seen.traces)


def _reached(examined: Examined, exploration: Exploration | None) -> list[Reached]:
    if exploration is None:
        return []
    return [
        Reached(each.title, each.answers, find_first_uses(each.trace, examined.rootfs))
        for each in exploration.results
        if each.trace is not None
    ]


def _called(observations: Sequence[Observation], operations: Sequence[Operation] | None) -> Called:
    """Judge the operations of the service by the requests of the tests."""
    exchanges = [exchange for each in observations for exchange in each.result.exchanges]
    called = judge_operations(operations, exchanges, _blind(observations))
    # If no request was to an operation, traffic that is not plain HTTP may have been requests.
    unread = _unread(observations)
    return (
        judge_operations(
            operations, exchanges, f"what went to port {min(unread)} was no plain HTTP"
        )
        if unread and not called.operations
        else called
    )


def _unread(observations: Sequence[Observation]) -> frozenset[int]:
    """Return the ports that tests connected to without a readable request."""
    spoken = {exchange.port for each in observations for exchange in each.result.exchanges}
    return frozenset(
        port
        for each in observations
        for port, count in (each.result.connections or {}).items()
        if count and port not in spoken
    )


def _blind(observations: Sequence[Observation]) -> str:
    """Return why requests of the tests may be missing from the exchanges, or ""."""
    tested = [each for each in observations if each.result.tests]
    if any(test.test.place is TestPlace.CONTAINER for each in tested for test in each.result.tests):
        return "requests of tests in the container are not counted"
    if any(each.result.connections is None for each in tested):
        return "the tests' requests were not observed"
    if fixed := _fixed(tested):
        return f"requests to the chosen port {min(fixed)} are not counted"
    return (
        ""
        if any(each.result.exchanges for each in tested)
        else "no test sent a request to a published port"
    )


def _fixed(observations: Iterable[Observation]) -> frozenset[int]:
    """Return the ports published at a host port of the user's choice, where nothing is recorded."""
    return frozenset(port for each in observations for port in fixed_ports(each.workload.run))


def _connections(observations: Sequence[Observation]) -> Mapping[int, int] | None:
    """Return the number of connections to each port, or None if some were not counted."""
    total: dict[int, int] = {}
    for each in observations:
        if not each.result.tests:
            continue
        if each.result.connections is None or any(
            test.test.place is TestPlace.CONTAINER for test in each.result.tests
        ):
            return None
        for port, count in each.result.connections.items():
            total[port] = total.get(port, 0) + count
    return total


def _sizes(examined: Examined) -> Sizes:
    """Return the bytes of each file (hard links once) and its owners."""
    bytes_of: dict[ImagePath, int] = {}
    contents: set[int] = set()
    for entry in examined.rootfs:
        if entry.is_file:
            bytes_of[entry.path] = 0 if entry.inode in contents else entry.size
            contents.add(entry.inode)
    records = {
        path: package.purl
        for package in examined.inventory.packages.values()
        for path in package.metadata
    }
    # A package's own records are not a use of the package.
    owners = {
        path: tuple(purl for purl in purls if records.get(path) != purl)
        for path, purls in examined.inventory.owners.items()
    }
    return Sizes(bytes_of, owners)
