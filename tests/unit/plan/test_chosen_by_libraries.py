"""Distributions that a kept library chooses from: it imports by a computed name, or loads entry
points of a group that another module of it names.
"""

from dataclasses import replace

import pytest

from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.scanners.python_source import PythonNames, python_names
from careen.plan.scanners.source import of_bytes
from tests.support.plans import Case, Files, package, plan_for

SITE = "/usr/lib/python3.11/site-packages"
LATE = ImagePath(f"{SITE}/late_tool/m.py")
POINTS = f"{SITE}/late_tool-1.dist-info/entry_points.txt"


def late(points: str = "") -> tuple[Files, Package]:
    metadata = (ImagePath(POINTS),) if points else ()
    found = package(
        Ecosystem.PYPI,
        "late-tool",
        (f"{SITE}/late_tool/__init__.py", LATE, *metadata),
        modules=("late_tool",),
    )
    files: Files = {
        f"{SITE}/late_tool/__init__.py": "",
        LATE: "",
        **dict.fromkeys(metadata, points),
    }
    return files, replace(found, metadata=metadata)


def stays(points: str = "", *, ran: str = "host/__init__.py", **modules: str) -> bool:
    """Whether the tool stays beside a library with these modules, of which one ran."""
    files, tool = late(points)
    own = {f"{SITE}/host/{name}.py": text for name, text in modules.items()}
    host = package(Ecosystem.PYPI, "host", tuple(own), modules=("host",))
    plan = plan_for(
        Case({**files, **own}, {f"{SITE}/{ran}": Use.OPENED}, (), packages=(host, tool))
    )
    return LATE in plan.keep


@pytest.mark.parametrize(
    "source",
    [
        "TABLE = {'late': ('late_tool', 'Chat')}\nx = import_module(TABLE[name][0])\n",
        "def has(name):\n    return find_spec(name) is not None\nok = has('late_tool')\n",
        "for name in ['late_tool', 'other']:\n    try:\n        import_module(name)\n",
        "package = f'late_{kind}'\nx = import_module(package)\n",
    ],
)
def test_a_library_that_imports_by_a_computed_name_chooses_from_its_texts(source: str) -> None:
    assert stays(__init__=source)
    assert not stays(__init__="x = 1\n", idle=source)  # nothing reaches that module


@pytest.mark.parametrize("opens", [True, False])
def test_a_setting_of_the_application_chooses_for_a_library_that_imports_what_it_is_told(
    *, opens: bool
) -> None:
    files, tool = late()
    module = f"{SITE}/host/__init__.py"
    source = "x = import_module(name)\n" if opens else "x = import_module('os')\n"
    own: Files = {module: source, "/app/main.py": "host.load(settings['model'])\n"}
    settings: Files = {"/app/settings.yaml": "model: late_tool\n"}
    host = package(Ecosystem.PYPI, "host", (module,), modules=("host",))
    used = {"/app/main.py": Use.OPENED, module: Use.OPENED}
    case = Case({**files, **own, **settings}, used, (), packages=(host, tool))
    plan = plan_for(replace(case, run={"WorkingDir": "/app"}))
    assert (LATE in plan.keep) is opens


@pytest.mark.parametrize(
    "source",
    ["x = {'late': 'late_tool'}\n", "x = import_module('other')\ny = 'late_tool'\n"],
)
def test_a_text_is_no_choice_where_no_import_is_open(source: str) -> None:
    assert not stays(__init__=source)


def test_a_module_that_is_run_by_its_name_stays() -> None:
    assert stays(__init__="runpy.run_module('late_tool', run_name='__main__')\n")


@pytest.mark.parametrize(
    "load", ["entry_points(group=G)", "manager.load_setuptools_entrypoints(G)"]
)
def test_a_group_of_entry_points_may_be_named_in_another_module(load: str) -> None:
    points = "[some.other.group]\nx = late_tool.m:X\n"
    naming = "G = 'some.other.group'\n"
    loading = f"from .names import G\n{load}\n"
    assert stays(points, __init__="from . import loads\n", names=naming, loads=loading)
    assert stays(points, __init__="from . import names, loads\n", names=naming, loads=loading)
    assert not stays(points, __init__="from . import names\n", names=naming, loads="")


def test_what_was_found_in_a_source_is_read_again_as_it_was() -> None:
    text = b"import_module(name)\nname = f'late_{kind}'\nentry_points(group='a.b')\n"
    names = python_names(of_bytes(text))
    assert names.told
    assert names.composed == {("late_", "")}
    assert PythonNames.load(names.dump()) == names
