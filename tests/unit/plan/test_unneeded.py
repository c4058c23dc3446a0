"""What an incident removes goes, unless it was used or a kept file needs it."""

from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan
from careen.model.runs.trace import Use
from careen.plan.decide import Policy, decide
from tests.support.plans import NO_RULES, Case, elf, scene_of
from tests.support.trees import Exec

APP, PLUGIN, LINKED, LEFT = (
    *("/app/run", "/app/plugins/x.so"),
    *("/app/lib/libfoo.so", "/app/lib/libleft.so"),
)
CASE = Case(
    {
        APP: Exec(b"x"),
        PLUGIN: elf((ImagePath(LINKED).rpartition("/")[2],), runpath="$ORIGIN/../lib"),
        LINKED: elf(),
        LEFT: elf(),
    },
    {APP: Use.EXECUTED},
    (),
)


def planned(*globs: str, keep: tuple[str, ...] = ()) -> Plan:
    policy = Policy(Level.CLOSURE, keep, (), NO_RULES, "a" * 64, remove_unneeded=globs)
    return decide(*scene_of(CASE), policy)


def test_without_globs_the_applications_own_files_stay() -> None:
    assert {APP, PLUGIN, LINKED, LEFT} <= planned().keep.keys()


def test_a_file_that_stays_for_its_place_alone_goes() -> None:
    plan = planned(LEFT)
    assert plan.remove[ImagePath(LEFT)].code == "user-remove"
    assert {APP, PLUGIN, LINKED} <= plan.keep.keys()


def test_a_file_that_a_kept_one_links_or_a_run_used_or_the_user_keeps_stays() -> None:
    plan = planned(LINKED, APP)
    assert plan.keep[ImagePath(LINKED)].code == "elf-needed"
    assert plan.keep[ImagePath(APP)].code == "observed"
    assert ImagePath(LEFT) in planned(LEFT, keep=(LEFT,)).keep
