"""What holds of every measure of adequacy: shares are shares, more cover never lowers one, nothing
is counted twice.
"""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from careen.adequacy.bound import upper_limit
from careen.adequacy.chains import Sizes
from careen.adequacy.curve import Curve, discovery
from careen.adequacy.declared import EntryPoint, Module, judge_entry_points, judge_modules, unloaded
from careen.adequacy.hanging import Cold, Seen, hanging
from careen.adequacy.operations import judge_operations
from careen.adequacy.ports import judge_ports
from careen.adequacy.saturation import MIN_STEPS, saturation
from careen.formats.openapi import Operation
from careen.model.adequacy import Part, Step
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan, Reason
from careen.model.runs.trace import Endpoint, Phase
from careen.model.runs.workload import Exchange
from tests.support.adequacies import BEGUN, REF, cases, command, observation, trace, watched
from tests.support.trees import tree

_PATHS = st.sampled_from([ImagePath(f"/app/{letter}.py") for letter in "abcdefgh"])
_OPERATIONS = st.lists(
    st.builds(
        Operation,
        st.sampled_from(["GET", "POST"]),
        st.sampled_from(["/a", "/b", "/a/{x}", "/a/b", "/{y}"]),
    ),
    unique=True,
)
_EXCHANGES = st.lists(
    st.builds(
        Exchange,
        st.just(8000),
        st.sampled_from(["GET", "POST", "PUT"]),
        st.sampled_from(["/", "/a", "/b", "/a/b", "/a/c", "/a/b/c", "//", "/%61"]),
        st.sampled_from([None, 200, 404, 500]),
        st.just(1.0),
        st.just(0.1),
    )
)
_STEPS = st.lists(st.integers(0, 3), max_size=40)


def is_a_share(part: Part) -> None:
    if part.share is None:
        assert part.covered is None
        assert part.why
    else:
        assert 0 <= part.share <= 1
        assert part.covered is not None
        assert part.total is not None
        assert 0 <= part.covered <= part.total


def curve(found: Sequence[int]) -> Curve:
    return Curve(tuple(Step(f"t{number}", new) for number, new in enumerate(found)), 0)


@given(
    st.integers(1, 400).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials)))
)
def test_the_limit_lies_above_what_was_found_and_falls_with_more_trials(
    trial: tuple[int, int],
) -> None:
    hits, trials = trial
    limit = upper_limit(hits, trials)
    assert hits / trials <= limit <= 1
    assert upper_limit(hits, trials + 1) <= limit
    assert upper_limit(min(hits + 1, trials), trials) >= limit


@given(_STEPS)
def test_saturation_is_a_share_and_never_all(found: list[int]) -> None:
    got = saturation(curve(found))
    is_a_share(got.part)
    assert (got.unseen is None) == (len(found) < MIN_STEPS)
    assert got.part.share != 1


@given(_STEPS, st.integers(0, 39))
def test_a_test_that_finds_nothing_instead_of_something_never_lowers_saturation(
    found: list[int], at: int
) -> None:
    calmer = [0 if number == at else new for number, new in enumerate(found)]
    before, after = saturation(curve(found)).part.share, saturation(curve(calmer)).part.share
    assert (before is None and after is None) or (
        before is not None and after is not None and after >= before
    )


@given(
    st.lists(st.tuples(st.integers(1, 30), st.floats(BEGUN - 500, BEGUN + 500)), max_size=30),
    st.integers(0, 12),
)
def test_every_file_is_discovered_at_most_once(
    touches: list[tuple[int, float]], count: int
) -> None:
    uses: dict[str, float | None] = {f"/f{number}": first for number, first in touches}
    run = watched(tree(dict.fromkeys(uses, "x")), observation(trace(uses), command(cases(count))))
    found = discovery([run, run])
    assert (found.before or 0) + sum(step.new_files for step in found.steps) <= len(uses)
    assert len(found.steps) == 2 * max(count, 1)
    assert not any(step.new_files for step in found.steps[len(found.steps) // 2 :])


@given(_OPERATIONS, _EXCHANGES, _EXCHANGES)
def test_more_requests_never_lower_the_share_of_operations(
    operations: list[Operation], some: list[Exchange], more: list[Exchange]
) -> None:
    one, two = (
        judge_operations(operations, some, ""),
        judge_operations(operations, [*some, *more], ""),
    )
    is_a_share(one.part)
    assert (one.operations or frozenset()) <= (two.operations or frozenset())
    assert (two.part.share or 0) >= (one.part.share or 0)


@given(
    st.lists(st.text(max_size=12)),
    st.lists(st.integers(0, 65535)),
    st.one_of(st.none(), st.dictionaries(st.integers(0, 65535), st.integers(0, 3))),
)
def test_any_ports_give_a_share(
    exposed: list[str], bound: list[int], connections: dict[int, int] | None
) -> None:
    endpoints = [Endpoint("bind", "inet", "::", port, frozenset({Phase.START})) for port in bound]
    is_a_share(judge_ports(exposed, endpoints, connections))
    is_a_share(judge_ports([f"{port}/tcp" for port in bound], endpoints, connections))


@given(st.sets(_PATHS), st.sets(_PATHS), st.sets(_PATHS))
def test_more_files_run_never_lower_a_share(
    paths: set[ImagePath], some: set[ImagePath], more: set[ImagePath]
) -> None:
    modules, points = (
        [Module(path, 1) for path in sorted(paths)],
        [EntryPoint("script", path) for path in sorted(paths)],
    )
    for judged in (
        [judge_modules(modules, unloaded(modules, run), {}) for run in (some, some | more)],
        [judge_entry_points(points, run) for run in (some, some | more)],
    ):
        for part in judged:
            is_a_share(part)
        assert (judged[1].share or 0) >= (judged[0].share or 0)


_REASONS = st.dictionaries(_PATHS, st.one_of(st.none(), _PATHS))


@given(_REASONS, st.dictionaries(_PATHS, st.sampled_from(["POST /a", "POST /b"])), st.sets(_PATHS))
def test_no_byte_hangs_on_two_things_and_none_that_was_used_on_any(
    because: dict[ImagePath, ImagePath | None], cold: dict[ImagePath, str], used: set[ImagePath]
) -> None:
    every = {ImagePath(f"/app/{letter}.py") for letter in "abcdefgh"}
    plan = Plan(
        REF,
        Level.CLOSURE,
        {path: Reason("x", "", one) for path, one in because.items()},
        {},
        {},
        "",
    )
    sizes = Sizes(dict.fromkeys(every, 1), {})
    keys = {path: (Cold.OPERATION, name) for path, name in cold.items() if path not in used}
    found = hanging(keys, (), Seen(used, used), sizes, plan)
    assert len(keys) <= sum(item.bytes for item in found) <= len(every - used)
    alone = hanging(keys, (), Seen(used, used), sizes, None)
    assert {item.name for item in alone} == {item.name for item in found}
    assert all(
        next(other.bytes for other in found if other.name == item.name) >= item.bytes
        for item in alone
    )
