"""Groups of upgrades as a resolver takes them: alone, together, or not at all."""

from careen.model.patching import BlockReason
from careen.patch.distribution.resolving import Refusal, Resolved, Step, StepAction, Wanted, resolve


def up(name: str, version: str = "2") -> Step:
    return Step(StepAction.UPGRADE, name, name, "1", version)


def names(resolved: Resolved) -> dict[str, list[str]]:
    return {group: [step.key for step in steps] for group, steps in resolved.groups.items()}


def test_groups_that_pull_the_same_stand_and_fall_together() -> None:
    pulled = {"a": "shared", "b": "shared", "c": "own"}

    def simulate(wanted: Wanted) -> tuple[Step, ...]:
        return tuple(
            up(name) for name in dict.fromkeys([*wanted, *(pulled[name] for name in wanted)])
        )

    resolved = resolve({name: {name: "2"} for name in "abc"}, simulate)
    assert names(resolved) == {"a": ["a", "b", "shared"], "c": ["c", "own"]}
    assert resolved.members == {"a": "a", "b": "a", "c": "c"}
    assert resolved.refused == {}


def test_a_group_that_pulls_another_is_one_with_it() -> None:
    resolved = resolve(
        {"lib": {"lib": "2"}, "app": {"app": "2"}},
        lambda wanted: tuple(up(name) for name in {**wanted, "lib": ""}),
    )
    assert names(resolved) == {"app": ["lib", "app"]} or names(resolved) == {"app": ["app", "lib"]}


def test_of_groups_that_clash_the_first_stays() -> None:
    def simulate(wanted: Wanted) -> tuple[Step, ...] | Refusal:
        if {"a", "c"} <= set(wanted):
            return Refusal(BlockReason.PINNED, "c conflicts with a")
        return tuple(up(name) for name in wanted)

    resolved = resolve({name: {name: "2"} for name in "abc"}, simulate)
    assert names(resolved) == {"a": ["a"], "b": ["b"]}
    assert resolved.refused == {"c": Refusal(BlockReason.PINNED, "c conflicts with a")}


def test_a_removal_is_no_fix() -> None:
    resolved = resolve(
        {"a": {"a": "2"}}, lambda _: (up("a"), Step(StepAction.REMOVE, "other", "other", "1.0", ""))
    )
    assert resolved.refused == {"a": Refusal(BlockReason.PINNED, "it would remove other 1.0")}
    assert resolved.groups == {}


def test_a_validated_module_is_not_given_up() -> None:
    gone = resolve(
        {"a": {"a": "2"}},
        lambda _: (
            up("a"),
            Step(StepAction.REMOVE, "openssl-fips-provider", "openssl-fips-provider", "1", ""),
        ),
    )
    other = resolve(
        {"a": {"a": "2"}}, lambda _: (Step(StepAction.UPGRADE, "a", "a", "1-9.el8_fips", "2"),)
    )
    assert [refusal.barrier for refusal in (gone.refused["a"], other.refused["a"])] == [
        BlockReason.FIPS,
        BlockReason.FIPS,
    ]


def test_another_version_than_asked_for_is_a_no() -> None:
    resolved = resolve({"a": {"a": "2"}}, lambda _: (up("a", "3"),))
    assert resolved.refused == {
        "a": Refusal(BlockReason.PINNED, "the resolver leaves a at another version than 2")
    }


def test_what_only_all_together_need_makes_them_one() -> None:
    def simulate(wanted: Wanted) -> tuple[Step, ...]:
        return tuple(up(name) for name in [*wanted, *(["late"] if len(wanted) == 2 else [])])

    assert names(resolve({"a": {"a": "2"}, "b": {"b": "2"}}, simulate)) == {"a": ["a", "b", "late"]}
