"""What a running container missed is kept, with what it needs and a reason of its own."""

from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan
from careen.model.runs.drift import Missed
from careen.model.runs.trace import Use
from careen.plan.decide import Policy, decide
from tests.support.plans import NO_RULES, Case, elf, scene_of
from tests.support.trees import Exec, Link

CASE = Case(
    {
        "/bin": Link("usr/bin"),
        "/usr/bin/app": Exec(b"x"),
        "/usr/bin/tool": elf(("libq.so",)),
        "/usr/bin/alias": Link("tool"),
        "/usr/lib/libq.so": elf(),
        "/opt/data/one": "1",
        "/opt/data/deep/two": "2",
        "/opt/other": "3",
    },
    {"/usr/bin/app": Use.EXECUTED},
    (),
)


def planned(*paths: str, remove: tuple[str, ...] = (), level: Level = Level.OBSERVED) -> Plan:
    missed = tuple(Missed(ImagePath(path), f"missed {path}", "sha256:0") for path in paths)
    return decide(*scene_of(CASE), Policy(level, (), remove, NO_RULES, "a" * 64, (), missed))


def code(plan: Plan, path: str) -> str:
    return plan.keep[ImagePath(path)].code


def test_a_missed_program_is_kept_with_its_libraries() -> None:
    assert ImagePath("/usr/bin/tool") in planned().remove
    plan = planned("/usr/bin/tool")
    assert plan.keep[ImagePath("/usr/bin/tool")].detail == "missed /usr/bin/tool"
    assert code(plan, "/usr/bin/tool") == "drift"
    assert code(plan, "/usr/lib/libq.so") == "elf-needed"
    assert ImagePath("/opt/other") in plan.remove


def test_a_missed_link_is_kept_with_what_it_leads_to() -> None:
    plan = planned("/bin/alias")
    assert code(plan, "/usr/bin/alias") == "symlink"
    assert code(plan, "/usr/bin/tool") == "drift"


def test_a_missed_directory_stands_for_everything_below_it() -> None:
    plan = planned("/opt/data")
    assert code(plan, "/opt/data/one") == code(plan, "/opt/data/deep/two") == "drift"


def test_what_the_profile_saw_keeps_its_reason() -> None:
    assert code(planned("/usr/bin/app"), "/usr/bin/app") == "observed"


def test_paths_that_are_not_there_or_that_the_user_removes_are_told() -> None:
    plan = planned("/not/there", "/opt/other", remove=("/opt/other",))
    assert ImagePath("/opt/other") in plan.remove
    assert "--with-events names paths that are not in this image: 1, /not/there first" in plan.notes
    assert (
        "--with-events names paths that are removed all the same, by --remove: 1, /opt/other first"
        in plan.notes
    )
