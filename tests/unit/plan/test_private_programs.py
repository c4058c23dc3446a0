"""Programs that a package of libraries has outside PATH: which stay when a library does."""

from careen.model.packages.package import Ecosystem, Package
from careen.model.plan import Level
from careen.model.runs.trace import Use
from tests.support.plans import Case, Files, elf, package, plan_for
from tests.support.trees import Exec, Link

DEB = Ecosystem.DEB
LIB, PRIVATE = "/usr/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu/glow-2"
SMALL, LARGE = f"{LIB}/libglow-2.so.0", f"{LIB}/libshine-2.so.0"
QUERY, LAUNCH = f"{PRIVATE}/glow-query", f"{PRIVATE}/glow-launch"
XML = f"{LIB}/libxml.so.2"
FILES: Files = {
    "/usr/bin/serve": elf(("libglow-2.so.0",)),
    SMALL: elf(),
    LARGE: elf(("libxml.so.2",), text=b"\0/x/glow-launch\0"),
    QUERY: elf(("libshine-2.so.0",)),
    LAUNCH: elf(),
    f"{PRIVATE}/table.txt": "",
    XML: elf(),
}
LIBRARY = package(DEB, "libglow", (SMALL, LARGE, QUERY, LAUNCH, f"{PRIVATE}/table.txt"))


def kept(
    more: Files | None = None,
    used: str = "/usr/bin/serve",
    *,
    library: Package = LIBRARY,
    packages: tuple[Package, ...] = (),
    level: Level = Level.CLOSURE,
) -> set[str]:
    return set(
        plan_for(
            Case(
                {**FILES, **(more or {})},
                {"/usr/bin/serve": Use.EXECUTED, used: Use.EXECUTED},
                (),
                packages=(
                    library,
                    package(DEB, "libxml", (XML,)),
                    package(DEB, "serve", ("/usr/bin/serve",), depends=("libglow",)),
                    *packages,
                ),
                run={"Env": ["PATH=/usr/bin"]},
                level=level,
            )
        ).keep
    )


def test_those_that_nothing_names_go_with_what_they_link_and_data_stays() -> None:
    assert {SMALL, f"{PRIVATE}/table.txt"} <= kept()
    assert kept().isdisjoint({QUERY, LAUNCH, LARGE, XML})
    assert {QUERY, LAUNCH, LARGE} <= kept(level=Level.PACKAGE)


def test_what_a_kept_library_of_the_package_names_stays() -> None:
    files: Files = {SMALL: elf(text=b"\0../glow-launch --daemon\0")}
    assert LAUNCH in kept(files)
    assert LAUNCH not in kept({SMALL: elf(text=b"\0glow-launcher\0my-glow-launch\0")})


def test_what_a_package_names_that_depends_on_it_stays() -> None:
    names: Files = {"/usr/bin/serve": elf(("libglow-2.so.0",), text=b"\0glow-query\0")}
    assert {QUERY, LARGE, XML} <= kept(names)
    script: Files = {"/usr/bin/more": Exec(b"#!/usr/bin/serve\nexec $lib/glow-query\n")}
    owner = package(DEB, "more", ("/usr/bin/more",), depends=("libglow",))
    assert QUERY in kept(script, "/usr/bin/more", packages=(owner,))
    assert QUERY not in kept(script, packages=(owner,))  # the script goes


def test_all_stay_once_a_program_or_script_of_the_package_does() -> None:
    assert {QUERY, LAUNCH, LARGE, XML} <= kept(used=LAUNCH)
    files: Files = {f"{PRIVATE}/setup": Exec(b"#!/usr/bin/serve\n")}
    with_script = package(DEB, "libglow", (*LIBRARY.files, f"{PRIVATE}/setup"))
    assert {QUERY, LAUNCH} <= kept(files, library=with_script)


def test_a_link_to_one_goes_with_it() -> None:
    files: Files = {f"{PRIVATE}/glow-old": Link("glow-query")}
    linked = package(DEB, "libglow", (*LIBRARY.files, f"{PRIVATE}/glow-old"))
    assert kept(files, library=linked).isdisjoint({QUERY, f"{PRIVATE}/glow-old"})


def test_those_of_a_package_that_is_no_library_stay_with_its_program() -> None:
    files: Files = {
        "/usr/bin/tool": elf(),
        "/usr/libexec/tool/step": elf(),
        f"{LIB}/libtool.so.1": elf(),
    }
    tool = package(DEB, "tool", tuple(files))
    assert "/usr/libexec/tool/step" in kept(files, "/usr/bin/tool", packages=(tool,))
