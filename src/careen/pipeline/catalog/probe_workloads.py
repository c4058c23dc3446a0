"""The entry's tests and the contract's probes as workloads, which show what a base uses."""

from collections.abc import Iterator

from careen.catalog.contract.probes import MANAGER_PROBES, PLACE, PROBES, WAITING, ContractProbe
from careen.catalog.recipe import Recipe
from careen.model.runs.workload import ReadyExit, RunOptions, Workload
from careen.pipeline.catalog.verify import answers, copied_programs
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import Examined


def workloads_of_tests(wanted: Recipe) -> Iterator[Workload]:
    """Yield a workload for each test of the entry."""
    for number, test in enumerate(wanted.tests, 1):
        program, *args = test.argv
        options = RunOptions(entrypoint=program, args=tuple(args), network="none")
        yield Workload(f"test-{number}", ReadyExit(), run=options)


def probe_workloads(upstream: Examined, *, cut: bool, session: Session) -> tuple[Workload, ...]:
    """Return a workload for each probe of the contract that passes on upstream.

    Raises ToolError if no container can be run.
    """
    scratch = session.scratch("probes")
    scratch.chmod(0o755)
    probes = (*PROBES, *(() if cut else MANAGER_PROBES))
    missing = copied_programs(upstream, [WAITING, *(each.program for each in probes)], scratch)
    if missing[WAITING]:
        return ()
    asked = [each for each in probes if not missing[each.program]]
    passed = answers(upstream, asked, scratch, session)
    mounted = (f"{scratch.absolute()}:{PLACE}:ro",)
    return tuple(
        Workload(f"probe-{number}", ReadyExit(), run=_options(probe, mounted))
        for number, probe in enumerate(asked, 1)
        if probe.what in passed and passed[probe.what].status == 0
    )


def _options(probe: ContractProbe, mounted: tuple[str, ...]) -> RunOptions:
    program, *args = probe.argv
    return RunOptions(
        entrypoint=program,
        args=tuple(args),
        env=tuple(f"{name}={value}" for name, value in probe.env.items()),
        volumes=() if probe.inside else mounted,
        network="none",
    )
