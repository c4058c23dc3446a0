"""What careen's own exploration used is kept, and is never said to be what the workload
executes.
"""

from dataclasses import replace

from careen.model.findings.triage import Tier
from careen.model.packages.package import Ecosystem
from careen.model.rbom import RunKind
from careen.model.runs.trace import Use
from careen.triage.triage import observed_by, triage
from tests.support.triage import IMAGE, SITE, bom, finding, inventory, package, use

INIT = f"{SITE}/foo/__init__.py"


def test_code_that_only_exploration_ran_is_present_not_executed() -> None:
    what = package("foo", INIT, ecosystem=Ecosystem.PYPI)
    seen = bom({INIT: use(Use.OPENED, origin="explore:http"), f"{SITE}/other.py": use(Use.OPENED)})
    both = replace(
        seen,
        runs=(*seen.runs, replace(seen.runs[0], workload="explore:http", kind=RunKind.EXPLORATION)),
    )
    assert [item.tier for item in triage([finding(what)], inventory(what), both, IMAGE)] == [
        Tier.PRESENT
    ]
    assert observed_by(both, IMAGE).workloads == ("web",)
    as_workload = replace(
        both, runs=tuple(replace(run, kind=RunKind.WORKLOAD) for run in both.runs)
    )
    assert [item.tier for item in triage([finding(what)], inventory(what), as_workload, IMAGE)] == [
        Tier.EXECUTED
    ]
