"""What the import sweep only asked for, or only started, keeps less than what was used; what works
with the service itself counts in full.
"""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from careen.explore.imports import ID
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan, Reason
from careen.model.rbom import IMPORT_SWEEP, FileUse, RunKind, UsedFile
from careen.model.runs.trace import Phase, Use
from careen.pipeline.profiling.explore import ORIGIN
from careen.plan.core.rules import load_rules
from careen.plan.decide import Policy, decide
from tests.support.plans import NO_RULES, Case, Files, elf, package, scene_of
from tests.support.trees import Exec, Link

PYTHON = "/usr/bin/python3"
TOOL = "/usr/bin/magick"
FILES: Files = {
    PYTHON: elf(),
    TOOL: elf(("libbig.so.1",)),
    "/usr/lib/libbig.so.1": elf(),
    "/usr/lib/magick/coder.so": elf(),
    "/usr/bin/display": Link("/etc/alternatives/display"),
    "/etc/alternatives/display": Link(TOOL),
    "/usr/lib/tool/config.sh": Exec(b"# settings\n"),
    "/usr/lib/libx.so.6": elf(),
    "/usr/share/marks/here": "",
    "/usr/share/empty": None,
    "/usr/local/bin/convert": Link("/opt/convert/run"),
    "/opt/convert/run": elf(),
    "/srv/models/task": Exec(b"#!/bin/sh\n"),
    "/usr/lib/python3/site-packages/m/extra.py": Exec(b"x = 1\n"),
    "/usr/lib/python3.13/timeit.py": Exec(b"#! /usr/bin/env python3\n"),
    "/usr/lib/python3.13/__pycache__/timeit.cpython-313.pyc": "",
}
PACKAGES = (
    package(Ecosystem.DEB, "magick", (TOOL, "/usr/lib/magick/coder.so", "/usr/bin/display")),
    package(Ecosystem.DEB, "libbig", ("/usr/lib/libbig.so.1",)),
    package(Ecosystem.DEB, "tool-dev", ("/usr/lib/tool/config.sh",)),
    package(Ecosystem.DEB, "libpython", ("/usr/lib/python3.13/timeit.py",)),
    package(Ecosystem.PYPI, "m", ("/usr/lib/python3/site-packages/m/extra.py",)),
)
LINKS = ("/usr/bin/display", "/etc/alternatives/display", "/usr/local/bin/convert")
WITH_MAGICK = (TOOL, "/usr/lib/libbig.so.1", "/usr/lib/magick/coder.so")
LOOKED_UP = (
    TOOL,
    "/usr/lib/tool/config.sh",
    "/usr/lib/libx.so.6",
    "/usr/share/marks/here",
    "/usr/share/empty",
    "/opt/convert/run",
)
ASKED = {**dict.fromkeys(LINKS, Use.TRAVERSED), **dict.fromkeys(LOOKED_UP, Use.LOOKED_UP)}


def planned(
    asked: Mapping[str, Use],
    origin: str = IMPORT_SWEEP,
    level: Level = Level.CLOSURE,
    files: Files = FILES,
    packages: tuple[Package, ...] = PACKAGES,
) -> Plan:
    """A workload that used Python alone, and a run of exploration that used what is `asked`."""
    rootfs, inventory, bom, config = scene_of(
        Case(files, {PYTHON: Use.EXECUTED}, (), packages=packages)
    )
    run = replace(bom.runs[0], workload=origin, kind=RunKind.EXPLORATION)
    more = tuple(
        UsedFile(ImagePath(path), "file", "", 0, "", (), (_use(use, origin),))
        for path, use in asked.items()
    )
    return decide(
        rootfs,
        inventory,
        replace(bom, runs=(*bom.runs, run), files=(*bom.files, *more)),
        config,
        Policy(level, (), (), NO_RULES, "a" * 64),
    )


def _use(use: Use, origin: str) -> FileUse:
    return FileUse(use, frozenset({Phase.START}), PYTHON, origin)


def test_the_sweep_is_known_by_its_name() -> None:
    assert f"{ORIGIN}{ID}" == IMPORT_SWEEP


@pytest.mark.parametrize("level", [Level.OBSERVED, Level.CLOSURE])
def test_a_program_that_an_import_only_asks_for_goes_with_all_that_hangs_on_it(
    level: Level,
) -> None:
    plan = planned(ASKED, level=level)
    gone = (*WITH_MAGICK, *LINKS, "/usr/lib/tool/config.sh", "/opt/convert/run")
    assert sorted(path for path in gone if path in plan.keep) == []
    assert "only asked for" in plan.remove[ImagePath(TOOL)].detail
    assert "only asked for" in plan.remove[ImagePath("/usr/bin/display")].detail
    assert "only asked for" not in plan.remove[ImagePath("/usr/lib/libbig.so.1")].detail


def test_what_else_an_import_asks_for_stays() -> None:
    plan = planned(
        {
            **ASKED,
            "/srv/models/task": Use.LOOKED_UP,
            "/usr/lib/python3/site-packages/m/extra.py": Use.LOOKED_UP,
        },
        level=Level.OBSERVED,
    )
    marks = (
        "/usr/lib/libx.so.6",
        "/usr/share/marks/here",
        "/usr/share/empty",
        "/srv/models/task",
        "/usr/lib/python3/site-packages/m/extra.py",
    )
    assert [path for path in marks if path not in plan.keep] == []


ANSWERS: Files = {
    "/usr/bin/file": elf(("libmagic.so.1",)),
    "/usr/lib/libmagic.so.1": elf(),
    "/usr/lib/file/magic.mgc": "",
    "/usr/share/other": "",
}
FILE = package(Ecosystem.DEB, "file", ("/usr/bin/file",))


def answered(origin: str, *more: FileUse) -> Plan:
    """What Python's platform.architecture has `file` open, in a run of exploration."""
    rootfs, inventory, bom, config = scene_of(
        Case({**FILES, **ANSWERS}, {PYTHON: Use.EXECUTED}, (), packages=(FILE,))
    )
    run = replace(bom.runs[0], workload=origin, kind=RunKind.EXPLORATION)
    by_file = (FileUse(Use.OPENED, frozenset({Phase.START}), "/usr/bin/file", origin),)
    used: dict[str, tuple[FileUse, ...]] = {
        "/usr/bin/file": (_use(Use.EXECUTED, origin),),
        **dict.fromkeys(ANSWERS.keys() - {"/usr/bin/file"}, by_file),
    }
    used["/usr/share/other"] = (*by_file, *more)
    files = tuple(
        UsedFile(ImagePath(path), "file", "", 0, "", (), uses) for path, uses in used.items()
    )
    policy = Policy(Level.CLOSURE, (), (), NO_RULES, "a" * 64)
    return decide(
        rootfs,
        inventory,
        replace(bom, runs=(*bom.runs, run), files=(*bom.files, *files)),
        config,
        policy,
    )


def test_a_program_that_tells_an_import_about_the_machine_goes_with_what_it_opened() -> None:
    assert answered(IMPORT_SWEEP).keep.keys() & ANSWERS.keys() == set()


def test_what_another_program_opened_too_stays() -> None:
    assert answered(IMPORT_SWEEP, _use(Use.OPENED, IMPORT_SWEEP)).keep.keys() & ANSWERS.keys() == {
        "/usr/share/other"
    }


def test_a_program_that_answers_the_service_itself_stays_with_what_it_opened() -> None:
    assert answered("explore:requests").keep.keys() & ANSWERS.keys() == ANSWERS.keys()


def test_a_library_of_the_system_that_an_import_only_looks_for_goes_with_links_to_it() -> None:
    """A build helper looks whether libX11 is there; a library that no package brought may be
    anything.
    """
    files: Files = {
        **FILES,
        "/usr/lib/libseen.so.1": Link("libseen.so.1.2"),
        "/usr/lib/libseen.so.1.2": elf(),
    }
    owner = package(Ecosystem.DEB, "libseen", ("/usr/lib/libseen.so.1", "/usr/lib/libseen.so.1.2"))
    looked = {
        "/usr/lib/libseen.so.1": Use.TRAVERSED,
        "/usr/lib/libseen.so.1.2": Use.LOOKED_UP,
        "/usr/lib/libx.so.6": Use.LOOKED_UP,
    }
    plan = planned(looked, files=files, packages=(*PACKAGES, owner))
    assert "only asked for" in plan.remove[ImagePath("/usr/lib/libseen.so.1.2")].detail
    assert "/usr/lib/libseen.so.1" in plan.remove
    assert "/usr/lib/libx.so.6" in plan.keep
    opened = planned(
        {**looked, "/usr/lib/libseen.so.1.2": Use.OPENED}, files=files, packages=(*PACKAGES, owner)
    )
    assert "/usr/lib/libseen.so.1.2" in opened.keep


def test_a_module_that_is_a_program_too_stays_with_its_byte_code() -> None:
    source, compiled = (
        "/usr/lib/python3.13/timeit.py",
        "/usr/lib/python3.13/__pycache__/timeit.cpython-313.pyc",
    )
    assert (
        ImagePath(source)
        in planned({source: Use.LOOKED_UP, compiled: Use.OPENED}, level=Level.OBSERVED).keep
    )
    assert ImagePath(source) in planned({source: Use.LOOKED_UP}, level=Level.OBSERVED).remove


@pytest.mark.parametrize("origin", ["explore:requests", "explore:elsewhere", "explore:help"])
def test_what_the_service_itself_asks_for_in_an_experiment_stays(origin: str) -> None:
    plan = planned(ASKED, origin)
    assert [path for path in (*WITH_MAGICK, *LINKS, *LOOKED_UP) if path not in plan.keep] == []


@pytest.mark.parametrize(
    ("origin", "level", "kept"),
    [
        (IMPORT_SWEEP, Level.CLOSURE, False),
        (IMPORT_SWEEP, Level.OBSERVED, True),
        ("explore:requests", Level.CLOSURE, True),
    ],
)
def test_byte_code_that_the_sweep_alone_opened_is_made_again(
    origin: str, level: Level, kept: bool
) -> None:
    site = "/usr/lib/python3/site-packages/m"
    compiled, source = f"{site}/__pycache__/extra.cpython-313.pyc", f"{site}/extra.py"
    files: Files = {**FILES, compiled: ""}
    plan = planned({source: Use.LOOKED_UP, compiled: Use.OPENED}, origin, level, files)
    assert ImagePath(source) in plan.keep
    assert (ImagePath(compiled) in plan.keep) is kept


def test_what_exploration_alone_touched_has_a_reason_of_its_own() -> None:
    """The shares of the summary tell the two apart; what the workload used counts as its use,
    whatever exploration did with it besides.
    """
    plan = planned({"/usr/share/marks/here": Use.OPENED, PYTHON: Use.OPENED}, "explore:requests")
    assert plan.keep[ImagePath("/usr/share/marks/here")] == Reason(
        "explored", f"opened by {PYTHON} in start (explore:requests)"
    )
    assert plan.keep[ImagePath(PYTHON)] == Reason(
        "observed", "executed by /bin/x in serving (default)"
    )


@pytest.mark.parametrize("use", [Use.EXECUTED, Use.MAPPED, Use.OPENED, Use.WRITTEN])
def test_a_program_that_an_import_used_stays(use: Use) -> None:
    plan = planned({**ASKED, TOOL: use})
    assert [path for path in (*WITH_MAGICK, *LINKS[:2]) if path not in plan.keep] == []
    assert ImagePath("/opt/convert/run") in plan.remove


def test_a_program_that_is_asked_for_stays_if_anything_else_needs_it() -> None:
    plan = planned(
        {**ASKED, "/usr/bin/run": Use.EXECUTED},
        files={**FILES, "/usr/bin/run": Exec(f"#!{TOOL}\n".encode())},
    )
    assert [path for path in WITH_MAGICK if path not in plan.keep] == []
    assert plan.keep[ImagePath(TOOL)].code == "shebang"


GCC = "/usr/bin/x86_64-linux-gnu-gcc-14"
COMPILER: Files = {PYTHON: elf(), GCC: elf(), "/usr/include/z.h": "", "/usr/lib/liba.so": elf()}


@pytest.mark.parametrize(
    ("origin", "headers"), [(IMPORT_SWEEP, False), ("explore:requests", True), ("default", True)]
)
def test_a_compiler_that_an_import_started_compiles_nothing_of_the_workload(
    origin: str, *, headers: bool
) -> None:
    """It stays itself; but no rule that waits for a program to run takes it for one that the
    service runs.
    """
    owner = package(Ecosystem.DEB, "libz-dev", ("/usr/include/z.h", "/usr/lib/liba.so"))
    rootfs, inventory, bom, config = scene_of(
        Case(
            COMPILER, {PYTHON: Use.EXECUTED, "/usr/lib/liba.so": Use.MAPPED}, (), packages=(owner,)
        )
    )
    ran = UsedFile(ImagePath(GCC), "file", "", 0, "", (), (_use(Use.EXECUTED, origin),))
    plan = decide(
        rootfs,
        inventory,
        replace(bom, files=(*bom.files, ran)),
        config,
        Policy(Level.CLOSURE, (), (), load_rules(), "a" * 64),
    )
    assert ImagePath(GCC) in plan.keep
    assert (ImagePath("/usr/include/z.h") in plan.keep) is headers
