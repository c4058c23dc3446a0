"""What the summary says of packages that lost what they depend on."""

from careen.model.packages.package import Ecosystem
from careen.model.runs.trace import Use
from careen.pipeline.hardening.summary import broken_dependencies
from tests.support.plans import Case, elf, package, plan_for

A = package(Ecosystem.DEB, "a", ("/usr/bin/a",), depends=("b", "c"))
B = package(Ecosystem.DEB, "b", ("/usr/bin/b",))
C = package(Ecosystem.DEB, "c", ("/usr/bin/c",))
CASE = Case(
    {"/usr/bin/a": elf(), "/usr/bin/b": elf(), "/usr/bin/c": elf()},
    {"/usr/bin/a": Use.EXECUTED},
    (),
    packages=(A, B, C),
)


def test_what_depends_on_a_package_that_went_is_told_once() -> None:
    (note,) = broken_dependencies(plan_for(CASE))
    assert (
        note == "kept packages depend on 2 removed packages: a 1 deb on b 1 deb, first;"
        " plan.json names all; the package manager will report it, but the workloads needed none"
        " of their files"
    )


def test_what_the_user_removed_may_have_been_needed() -> None:
    (note,) = broken_dependencies(plan_for(CASE, remove=("/usr/bin/b",)))
    assert note.endswith("plan.json names all; the package manager will report it")


def test_one_alone_is_not_the_first() -> None:
    (note,) = broken_dependencies(plan_for(CASE, keep=("/usr/bin/c",)))
    assert note.startswith(
        "kept packages depend on 1 removed package: a 1 deb on b 1 deb; the package manager"
    )


def test_nothing_is_told_when_all_dependencies_stay() -> None:
    assert broken_dependencies(plan_for(CASE, keep=("/usr/bin/**",))) == ()
