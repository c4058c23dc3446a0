"""What a kept distribution requires: whole where something imports or names it, else its record
alone. To list what is installed is no use.
"""

from dataclasses import replace

import pytest

from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.model.plan import Level, Outcome, Plan
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from tests.support.plans import Case, Files, elf, package, plan_for
from tests.support.trees import Exec

LIB = "/usr/lib/python3.11"
SITE = f"{LIB}/site-packages"
STDLIB: Files = {f"{LIB}/os.py": "", f"{LIB}/encodings/__init__.py": ""}
A, B, C = f"{SITE}/a/m.py", f"{SITE}/b/m.py", f"{SITE}/c/m.py"


def record(name: str, site: str = SITE) -> ImagePath:
    return ImagePath(f"{site}/{name}-1.dist-info/METADATA")


def dist(
    name: str, *files: str, requires: tuple[str, ...] = (), modules: tuple[str, ...] | None = None
) -> Package:
    metadata = (record(name), ImagePath(f"{SITE}/{name}-1.dist-info/RECORD"))
    named = (name,) if modules is None else modules
    return package(
        Ecosystem.PYPI,
        name,
        (*files, *metadata),
        metadata=metadata,
        modules=named,
        depends=requires,
    )


def planned(
    files: Files,
    *packages: Package,
    used: str = A,
    opened: tuple[ImagePath, ...] = (),
    level: Level = Level.CLOSURE,
) -> Plan:
    """A workload that used one module, and opened more; the distributions' files are there."""
    listed: dict[str, str] = dict.fromkeys((path for each in packages for path in each.files), "")
    uses: dict[str, Use] = dict.fromkeys((used, *opened), Use.OPENED)
    run = {"WorkingDir": "/app"} if used.startswith("/app/") else {}
    there: Files = {**STDLIB, **listed, **files}
    return plan_for(Case(there, uses, (), packages=packages, run=run, rules=load_rules()), level)


def chain(*files: str) -> tuple[Package, ...]:
    """`a` requires `b`, which requires `c`."""
    return dist("a", A, requires=("b",)), dist("b", *(files or (B,)), requires=("c",)), dist("c", C)


def test_of_what_nothing_imports_the_record_stays() -> None:
    plan = planned({}, *chain())
    assert {plan.remove[ImagePath(path)].code for path in (B, C)} == {"unused"}
    assert [plan.keep[record(name)].code for name in "bc"] == ["python-record", "python-record"]
    assert [plan.packages[f"pkg:pypi/{name}@1"].outcome for name in "abc"] == [
        Outcome.KEPT,
        Outcome.PARTIAL,
        Outcome.PARTIAL,
    ]
    assert plan.packages["pkg:pypi/b@1"].broken == ()


OPTIONAL = f"{SITE}/a/testing.py"


@pytest.mark.parametrize("asked_for", [True, False])
def test_what_was_asked_for_stays_where_any_kept_source_imports_it(*, asked_for: bool) -> None:
    first, second, third = chain()
    marker = ImagePath(f"{SITE}/c-1.dist-info/REQUESTED")
    if asked_for:
        third = replace(third, files=(*third.files, marker), metadata=(*third.metadata, marker))
    first = replace(first, files=(*first.files, ImagePath(OPTIONAL)), depends=())
    plan = planned({OPTIONAL: "import c\n"}, first, third)
    assert (ImagePath(C) in plan.keep) is asked_for
    assert ImagePath(OPTIONAL) in plan.keep
    if asked_for:
        assert plan.keep[ImagePath(C)].code == "python-requested"
    assert ImagePath(C) in planned({}, first, second, third).remove


@pytest.mark.parametrize(
    "source", ["def f():\n    import b\n", "X = {'json': 'b'}\n", 'load("b")\n', "load('b.m')\n"]
)
def test_what_a_source_of_the_one_that_requires_it_imports_or_names_stays(source: str) -> None:
    plan = planned({A: source}, *chain())
    assert ImagePath(B) in plan.keep
    assert ImagePath(C) in plan.remove


def test_a_name_in_a_comment_is_none() -> None:
    assert ImagePath(B) in planned({A: "# b is faster\nb = 1\n"}, *chain()).remove


def test_a_word_in_somebody_elses_source_is_no_name_of_what_another_requires() -> None:
    assert ImagePath(C) in planned({A: "import b\nx = 'c'\n"}, *chain()).remove
    assert ImagePath(C) in planned({A: "import b.m\n", B: "x = 'c'\n"}, *chain()).keep


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (f"{SITE}/b/lib/libb.so.3", elf()),
        ("/usr/bin/b", elf()),
        (f"{SITE}/b/table.bin", "x" * 1000),
    ],
)
def test_a_library_a_program_and_data_need_no_import(path: str, content: str) -> None:
    plan = planned({B: "x = 1\n", path: content}, *chain(B, path))
    assert {plan.keep[ImagePath(each)].code for each in (B, path)} == {"python-requires"}


def test_a_script_extension_modules_and_what_they_are_linked_with_need_one() -> None:
    more = (
        "/usr/bin/b",
        f"{SITE}/b/x.cpython-311-x86_64-linux-gnu.so",
        f"{SITE}/b/libx.abi3.so",
        f"{SITE}/b.libs/libz-1234.so.1",
    )
    plan = planned(
        {B: "x = 1\n", **dict.fromkeys(more, elf()), more[0]: Exec(b"#!/usr/bin/python3\n")},
        *chain(B, *more),
    )
    assert [path for path in (B, *more) if ImagePath(path) in plan.keep] == []


def test_what_a_distribution_without_code_requires_stays() -> None:
    plan = planned(
        {},
        dist("a", A, requires=("bundle",)),
        dist("bundle", requires=("b",), modules=()),
        dist("b", B),
    )
    assert ImagePath(B) in plan.keep


def test_what_the_application_itself_requires_stays() -> None:
    own, *others = chain()
    origin = f"{SITE}/a-1.dist-info/direct_url.json"
    own = package(
        Ecosystem.PYPI,
        "a",
        (*own.files, origin),
        metadata=(*own.metadata, ImagePath(origin)),
        modules=("a",),
        depends=("b",),
    )
    plan = planned({origin: '{"url": "file:///src", "dir_info": {}}'}, own, *others)
    assert ImagePath(B) in plan.keep
    assert ImagePath(C) in plan.remove


def test_at_package_level_all_stays() -> None:
    assert ImagePath(C) in planned({}, *chain(), level=Level.PACKAGE).keep


def test_who_reads_a_version_needs_no_code() -> None:
    plan = planned({}, dist("a", A), dist("b", B), dist("c", C), opened=(record("b"),))
    assert record("b") in plan.keep
    assert record("c") in plan.remove
    assert ImagePath(B) in plan.remove


def test_a_listing_of_one_directory_keeps_nothing_there_though_other_directories_were_not_listed() -> (
    None
):
    names = ("a", "b", "c", "d")
    vendored = "/opt/tool/_vendor"
    other = package(
        Ecosystem.PYPI,
        "e",
        (f"{vendored}/e.py", record("e", vendored)),
        metadata=(record("e", vendored),),
        modules=("e",),
    )
    others = (dist("b", B), dist("c", C), dist("d", f"{SITE}/d/m.py"), other)
    plan = planned({}, dist("a", A), *others, opened=tuple(map(record, names)))
    assert record("a") in plan.keep
    assert [name for name in names[1:] if record(name) in plan.keep] == []


@pytest.mark.parametrize("level", [Level.CLOSURE, Level.OBSERVED])
def test_what_a_listing_looks_up_is_not_used(level: Level) -> None:
    """A listing asks of every file whether it is there (importlib.metadata's `files`)."""
    compiled = f"{SITE}/a/__pycache__/m.cpython-311.pyc"
    spare = f"{SITE}/a/__pycache__/n.cpython-311.pyc"
    packages = (
        dist("a", A, compiled, f"{SITE}/a/n.py", spare),
        dist("b", B, "/usr/bin/b"),
        dist("c", C),
        dist("d", "/usr/bin/d"),
    )
    looked_up = (A, f"{SITE}/a/n.py", spare, B, "/usr/bin/b", C, "/usr/bin/d")
    programs: Files = {"/usr/bin/b": Exec(b"#!/usr/bin/python3\n"), "/usr/bin/d": elf()}
    listed: dict[str, str] = dict.fromkeys((path for each in packages for path in each.files), "")
    files: Files = {**STDLIB, **listed, **programs}
    used = {
        **dict.fromkeys(looked_up, Use.LOOKED_UP),
        **dict.fromkeys((*map(record, "abcd"), compiled), Use.OPENED),
    }
    plan = plan_for(Case(files, used, (), packages=packages), level)
    gone = (spare, B, "/usr/bin/b", C) if level is Level.CLOSURE else ()
    assert tuple(path for path in looked_up if ImagePath(path) in plan.remove) == gone
    assert all("listing" in plan.remove[ImagePath(path)].detail for path in gone)


PIP = f"{SITE}/pip/__init__.py"


@pytest.mark.parametrize(("requires", "kept"), [((), False), (("pip",), True)])
def test_a_library_that_imports_an_installer_without_requiring_it_lists_what_is_there(
    requires: tuple[str, ...], kept: bool
) -> None:
    plan = planned(
        {A: "def version():\n    import pip.commands.freeze\n"},
        dist("a", A, requires=requires),
        dist("pip", PIP),
    )
    assert (ImagePath(PIP) in plan.keep) is kept


def test_an_application_that_imports_an_installer_keeps_it() -> None:
    plan = planned({"/app/m.py": "import pip\n"}, dist("a", A), dist("pip", PIP), used="/app/m.py")
    assert ImagePath(PIP) in plan.keep
