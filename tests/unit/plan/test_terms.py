"""What a contract demands is kept, and what it forbids goes, each with its reason."""

from collections.abc import Mapping

from careen.model.catalog.terms import Terms
from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan
from careen.model.repair import Repair
from careen.model.runs.trace import Use
from careen.plan.decide import Policy, decide
from tests.support.plans import NO_RULES, Case, elf, package, scene_of
from tests.support.trees import Exec, Link

CASE = Case(
    {
        "/bin": Link("usr/bin"),
        "/usr/bin/app": Exec(b"x"),
        "/usr/bin/sh": Exec(b"sh"),
        "/usr/bin/tool": elf(("libq.so",)),
        "/usr/bin/alias": Link("tool"),
        "/usr/lib/libq.so": elf(),
        "/srv": None,
        "/opt/one": "1",
    },
    {"/usr/bin/app": Use.EXECUTED, "/usr/bin/sh": Use.EXECUTED},
    (),
)


def planned(
    keep: Mapping[str, str],
    remove: Mapping[str, str],
    globs: tuple[str, ...] = (),
    repairs: tuple[Repair, ...] = (),
) -> Plan:
    terms = Terms(
        {ImagePath(path): why for path, why in keep.items()},
        {ImagePath(path): why for path, why in remove.items()},
    )
    policy = Policy(Level.OBSERVED, globs, (), NO_RULES, "a" * 64, repairs, terms=terms)
    return decide(*scene_of(CASE), policy)


def reason(plan: Plan, path: str) -> tuple[str, str]:
    found = plan.keep.get(ImagePath(path)) or plan.remove[ImagePath(path)]
    return found.code, found.detail


def test_what_is_demanded_stays_with_what_it_needs() -> None:
    plan = planned({"/bin/alias": "the users' path", "/srv": "a directory"}, {})
    assert reason(plan, "/usr/bin/tool") == ("contract", "the users' path")
    assert reason(plan, "/usr/lib/libq.so")[0] == "elf-needed"
    assert reason(plan, "/srv") == ("contract", "a directory")
    assert ImagePath("/opt/one") in plan.remove


def test_what_is_forbidden_goes_even_if_the_workload_used_it() -> None:
    assert reason(planned({}, {}), "/usr/bin/sh")[0] == "observed"
    plan = planned({}, {"/usr/bin/sh": "no shell", "/opt/one": "why"})
    assert ImagePath("/usr/bin/sh") in plan.remove
    assert reason(plan, "/usr/bin/sh") == ("contract", "no shell")


def test_what_must_stay_wins() -> None:
    both = planned({"/opt/one": "stays"}, {"/opt/one": "goes", "/usr/bin/tool": "goes"})
    assert reason(both, "/opt/one") == ("contract", "stays")
    assert reason(planned({}, {"/opt/one": "goes"}, ("/opt/**",)), "/opt/one")[0] == "user-keep"
    mended = (Repair(ImagePath("/opt/one"), "a test needs it"),)
    assert reason(planned({}, {"/opt/one": "goes"}, (), mended), "/opt/one")[0] == "repair"


def test_beside_a_package_manager_what_stays_in_part_is_whole() -> None:
    files = ("/usr/share/part/config", "/usr/share/part/a", "/usr/lib/part.so")
    part = package(Ecosystem.DEB, "part", files, depends=("other",))
    other = package(Ecosystem.DEB, "other", ("/usr/share/other/b",))
    case = Case(
        {
            "/usr/bin/app": Exec(b"x"),
            "/usr/share/part/config": "x",
            "/usr/share/part/a": "a",
            "/usr/lib/part.so": Link("/usr/lib/gone.so"),
            "/usr/share/other/b": "b",
            "/var/lib/dpkg/status": "",
        },
        {"/usr/bin/app": Use.EXECUTED},
        (),
        packages=(part, other),
    )
    for demanded in ("/usr/share/part/config", "/usr/lib/part.so"):
        for whole in (False, True):
            terms = Terms({ImagePath(demanded): "asked for"}, whole=whole)
            policy = Policy(Level.PACKAGE, (), (), NO_RULES, "a" * 64, terms=terms)
            plan = decide(*scene_of(case), policy)
            for path in ("/usr/share/part/a", "/usr/share/other/b"):
                assert (ImagePath(path) in plan.keep) is whole, (demanded, whole, path)
