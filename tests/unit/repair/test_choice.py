"""Which suspects come back, what comes back with them, and what would have kept them."""

from careen.model.packages.package import Ecosystem, Inventory
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan, Reason
from careen.model.rbom import ImageRef
from careen.model.repair import Flaky, Repair, Restored, Round
from careen.model.runs.trace import Use
from careen.model.runs.workload import TestCommand, TestPlace, TestResult, WorkloadResult
from careen.pipeline.proof.attempts import left_over, with_kept
from careen.pipeline.proof.diagnose import flaky_tests
from careen.plan.decide import Policy, decide
from careen.repair.choosing import choose, narrow, used_but_removed, widen
from careen.repair.removed import Removed
from careen.repair.suspect import Strength, Suspect
from careen.repair.tell import smaller, tell
from careen.repair.units import tiers, units
from careen.repair.would_keep import Alternative, keep_line, would_keep
from tests.support.plans import NO_RULES, Case, elf, package, scene_of
from tests.support.trees import tree

FILES = {
    **{
        f"/pkg/{folder}/{name}": name
        for folder in ("one", "two", "three")
        for name in ("a", "b", "c")
    },
    "/pkg/one/of-nobody": "n",
}
LIBRARY = package(
    Ecosystem.DEB,
    "library",
    tuple(path for path in FILES if "/three/" not in path and "nobody" not in path),
)
ROOTFS = tree(FILES)
REMOVED = Removed(ROOTFS, (ImagePath(path) for path in FILES))
INVENTORY = Inventory({LIBRARY.purl: LIBRARY}, dict.fromkeys(LIBRARY.files, (LIBRARY.purl,)))


def strong(*paths: str) -> tuple[Suspect, ...]:
    return tuple(Suspect(ImagePath(path), "opened", "opened in vain") for path in paths)


def weak(*paths: str) -> tuple[Suspect, ...]:
    return tuple(
        Suspect(ImagePath(path), "looked up", "looked up in vain", Strength.WEAK) for path in paths
    )


def names(suspects: tuple[Suspect, ...]) -> list[str]:
    return [suspect.path for suspect in suspects]


def test_weak_suspects_wait_until_strong_ones_have_been_tried() -> None:
    suspects = (*strong("/a", "/b"), *weak("/c", "/d"))
    assert names(choose(suspects, ())) == ["/a", "/b"]
    assert names(choose(suspects, [ImagePath("/a")])) == ["/b"]
    assert names(choose(suspects, [ImagePath("/a"), ImagePath("/b")])) == ["/c", "/d"]
    assert choose(suspects, [suspect.path for suspect in suspects]) == ()
    twice = choose((*weak("/c", "/a"), *strong("/a"), *weak("/a")), ())
    assert [(suspect.path, suspect.strength) for suspect in twice] == [("/a", Strength.STRONG)]


def test_faint_suspects_wait_until_weak_ones_have_been_tried() -> None:
    faint = (Suspect(ImagePath("/e"), "used", "in a directory listed", Strength.FAINT),)
    assert names(choose((*faint, *weak("/c")), ())) == ["/c"]
    assert names(choose((*faint, *weak("/c")), [ImagePath("/c")])) == ["/e"]


def test_of_a_crowd_what_was_not_used_on_the_original_waits() -> None:
    crowd = strong("/pkg/one/a", "/pkg/one/b")
    other = (Suspect(ImagePath("/pkg/two/a"), "said", "said: no b"),)
    found = narrow((*crowd, *other), strong("/pkg/one/b"))
    assert [(suspect.path, suspect.strength) for suspect in found] == [
        ("/pkg/one/a", Strength.WEAK),
        ("/pkg/one/b", Strength.STRONG),
        ("/pkg/two/a", Strength.STRONG),
    ]
    assert narrow(crowd, weak("/pkg/one/b")) == crowd


def test_a_first_file_comes_back_alone() -> None:
    assert names(widen(strong("/pkg/one/a"), (), REMOVED, INVENTORY)) == ["/pkg/one/a"]


def test_a_directory_comes_back_with_its_second_file_and_a_package_with_its_third() -> None:
    second = widen(strong("/pkg/one/b"), [strong("/pkg/one/a")], REMOVED, INVENTORY)
    assert names(second) == ["/pkg/one/b", "/pkg/one/a", "/pkg/one/c"]
    assert (
        second[2].why == "beside /pkg/one/b in a directory of which files came back in 2 attempts"
    )
    elsewhere = widen(strong("/pkg/two/a"), [strong("/pkg/one/a")], REMOVED, INVENTORY)
    assert names(elsewhere) == ["/pkg/two/a"]
    third = widen(
        strong("/pkg/two/b"), [strong("/pkg/one/a"), strong("/pkg/two/a")], REMOVED, INVENTORY
    )
    assert sorted(names(third)) == sorted(LIBRARY.files)
    assert {suspect.why for suspect in third if "/one/" in suspect.path} == {
        "of library, of which files came back in 3 attempts"
    }


def test_what_a_failing_workload_used_on_the_original_and_lost() -> None:
    used = {ImagePath("/pkg/one/c"): "mapped by /bin/x", ImagePath("/elsewhere"): "opened"}
    assert [
        (suspect.path, suspect.why, suspect.strength) for suspect in used_but_removed(used, REMOVED)
    ] == [("/pkg/one/c", "mapped by /bin/x on the original", Strength.STRONG)]


def test_units_hold_each_path_once_and_begin_with_packages_in_use() -> None:
    kept = {ImagePath("/pkg/one/a"), ImagePath("/pkg/one"), ImagePath("/pkg")}
    removed = Removed(ROOTFS, (ImagePath(path) for path in FILES if path not in kept))
    found = units(removed.paths, INVENTORY, lambda path: path in kept)
    assert [(unit.name, unit.touched, len(unit.paths)) for unit in found] == [
        ("/pkg/one", True, 1),
        (LIBRARY.purl, True, 5),
        ("/pkg/three", False, 3),
    ]
    assert sorted(path for unit in found for path in unit.paths) == sorted(removed.paths)


def test_what_a_wider_plan_keeps_is_asked_first() -> None:
    removed = Removed(ROOTFS, (ImagePath(path) for path in FILES))
    closure = {ImagePath("/pkg/one/b"), ImagePath("/pkg/three/a")}
    first, second, rest = tiers(removed.paths, (closure, closure), INVENTORY, lambda _: False)
    assert {path for unit in first for path in unit.paths} == closure & removed.paths != set()
    assert second == ()
    assert {path for unit in rest for path in unit.paths} == removed.paths - closure


def plan(
    remove: dict[str, Reason], keep: dict[str, Reason] | None = None, level: Level = Level.OBSERVED
) -> Plan:
    image = ImageRef("img", None, "sha256:" + "0" * 64, (), "linux/amd64")
    kept = {ImagePath(path): reason for path, reason in (keep or {}).items()}
    return Plan(
        image,
        level,
        kept,
        {ImagePath(path): reason for path, reason in remove.items()},
        {},
        "a" * 64,
    )


def test_what_would_have_kept_a_path() -> None:
    unused = Reason("unused", "not used")
    before = plan(
        {"/a": unused, "/b": unused, "/c": unused, "/d": Reason("user-remove", "--remove /d*")}
    )
    closure = Alternative(
        Level.CLOSURE, {ImagePath("/a"): Reason("rule:certificates", "TLS needs them")}
    )
    whole = Alternative(
        Level.PACKAGE,
        {
            ImagePath("/a"): Reason("package", "of a"),
            ImagePath("/b"): Reason("package", "part of libb"),
        },
    )
    told = [
        would_keep(ImagePath(path), before, (closure, whole)) for path in ("/a", "/b", "/c", "/d")
    ]
    assert told == [
        "level closure: rule:certificates: TLS needs them",
        "level package: package: part of libb",
        "--keep /c",
        "without --remove /d*",
    ]


def test_a_wider_level_that_keeps_no_more_than_what_repair_left_is_said() -> None:
    repaired = plan(
        {}, {"/pkg/one/a": Reason("repair", "restored"), "/pkg/one/b": Reason("repair", "restored")}
    )
    closure = Alternative(Level.CLOSURE, {ImagePath("/pkg/two/a"): Reason("package", "of a")})
    whole = Alternative(
        Level.PACKAGE, {ImagePath(path): Reason("package", "of a") for path in FILES}
    )
    assert smaller(repaired, (closure, whole), ROOTFS) == (
        (
            "after repair level observed keeps 2 bytes; level closure by itself keeps 1 bytes, and"
            " foresees more than tests ask for"
        ),
    )


def test_keep_lines_can_be_pasted() -> None:
    assert (
        keep_line([ImagePath("/usr/lib/x.so"), ImagePath("/a b/[1]*"), ImagePath("/it's")])
        == r"--keep /usr/lib/x.so --keep '/a b/[[]1][*]' --keep '/it'\''s'"
    )


def test_repairs_bring_what_they_need_and_win_over_removal() -> None:
    case = Case(
        {
            "/bin/x": elf(),
            "/lib/libgone.so": elf(("libneeded.so",)),
            "/lib/libneeded.so": elf(),
            "/lib/other.so": elf(),
        },
        {"/bin/x": Use.EXECUTED},
        kept=("/lib/libgone.so", "/lib/libneeded.so"),
        gone=("/lib/other.so",),
    )
    rootfs, inventory, bom, config = scene_of(case)
    repairs = (Repair(ImagePath("/lib/libgone.so"), "opened in vain by /bin/x"),)
    made = decide(
        rootfs,
        inventory,
        bom,
        config,
        Policy(Level.OBSERVED, (), ("/lib/libgone.so",), NO_RULES, "a" * 64, repairs),
    )
    assert made.keep[ImagePath("/lib/libgone.so")] == Reason("repair", "opened in vain by /bin/x")
    assert made.keep[ImagePath("/lib/libneeded.so")].because == "/lib/libgone.so"
    assert "/lib/other.so" in made.remove
    assert any("'/lib/libgone.so' is overruled for 1 paths" in note for note in made.notes)


def test_a_trial_keeps_exactly_the_paths_that_are_asked_about() -> None:
    gone = {path: Reason("unused", "not used") for path in (*FILES, "/pkg/one", "/pkg/two")}
    before = plan(gone, {"/": Reason("directory", "the root"), "/pkg": Reason("directory", "…")})
    after = with_kept(before, [ImagePath("/pkg/one/a"), ImagePath("/never/there")], "a trial")
    assert sorted(after.keep.keys() - before.keep.keys()) == ["/pkg/one", "/pkg/one/a"]
    assert sorted(before.remove.keys() - after.remove.keys()) == ["/pkg/one", "/pkg/one/a"]
    assert [entry.path for entry in left_over(ROOTFS, after.keep.keys())] == [
        "/",
        "/pkg",
        "/pkg/one",
        "/pkg/one/a",
    ]
    assert left_over(ROOTFS, after.keep.keys()).read(ImagePath("/pkg/one/a"), 10) == b"a"


def run(*passed: bool, ready: float | None = 1.0) -> WorkloadResult:
    tests = tuple(
        TestResult(
            TestCommand(TestPlace.HOST, f"test-{number}"),
            good,
            int(not good),
            1.0,
            None,
            "",
            "" if good else "exit status 1",
        )
        for number, good in enumerate(passed)
    )
    good = all(passed) and ready is not None
    return WorkloadResult(
        "serve", good, "" if good else "failed", "tests", tests, ready, 1.0, "", 0
    )


def test_flaky_is_what_fails_on_the_original_too() -> None:
    hardened = run(False, True, False)
    assert flaky_tests(hardened, [run(True, True, True), run(False, True, True)]) == (
        Flaky("serve", "test-0", 2, 3),
    )
    assert flaky_tests(hardened, [run(True, True, True)] * 3) == ()
    assert (
        flaky_tests(run(ready=None), [run(ready=None)]) == ()
    )  # no test failed: a service that does not start is no flaky test


def test_what_a_terminal_is_told() -> None:
    restored = tuple(
        Restored(ImagePath(f"/lib/{name}"), "attributed", "opened in vain by /bin/x", rule)
        for name, rule in (
            ("a", "level package: package: part of liba"),
            ("b", "without --remove /lib/b"),
            ("c", "--keep /lib/c"),
            ("d", "--keep /lib/d"),
        )
    )
    lines = tell(
        [Round(1, "failed", restored, 5, 1_240_000, 3.0, passed=True)],
        [Flaky("serve", "pytest", 2, 3)],
    )
    flaky, back, keep = lines
    assert (
        flaky
        == "workload 'serve': 'pytest' is flaky: on the original it passed 2 of 3 times with the"
        " same image, so its failure counts for nothing"
    )
    assert back.split("; ") == [
        (
            "round 1: restored 5 paths (1.2 MB), then verification passed: /lib/a (opened in vain"
            " by /bin/x"
        ),
        "level package: package: part of liba would have kept it)",
        "/lib/b (opened in vain by /bin/x",
        "without --remove /lib/b would have kept it)",
        "/lib/c (opened in vain by /bin/x",
        "no level would have kept it)",
        "and 1 more",
    ]
    assert (
        keep == "to keep them next time: --keep /lib/a --keep /lib/b --keep /lib/c … (1 more in"
        " verify.json)"
    )
    assert tell([]) == []
