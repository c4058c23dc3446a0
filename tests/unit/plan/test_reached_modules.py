"""A module of a kept distribution that nothing reaches brings no other distribution."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan
from careen.model.rbom import IMPORT_SWEEP, FileUse, RunKind, UsedFile
from careen.model.runs.trace import Phase, Use
from careen.plan.core.rules import load_rules
from careen.plan.decide import Policy, decide
from tests.support.plans import Case, Files, elf, package, scene_of

LIB = "/usr/lib/python3.11"
SITE = f"{LIB}/site-packages"
MODULES = ("__init__", "core", "tools/__init__", "tools/shapes")
BIG = ImagePath(f"{SITE}/big/__init__.py")
TOOL = f"{SITE}/a/tools/shapes.py"
STDLIB: Files = {f"{LIB}/os.py": "", f"{LIB}/encodings/__init__.py": "", "/usr/bin/python3": elf()}


def dist(name: str, *files: str, **more: object) -> Package:
    return package(Ecosystem.PYPI, name, files, modules=(name,), **more)


def planned(
    sources: Mapping[str, str],
    files: Files | None = None,
    opened: Mapping[str, str] | None = None,
    level: Level = Level.CLOSURE,
) -> Plan:
    """A service imports `a`, whose tool imports `big`; `sources` are of modules of `a`."""
    own = {f"{SITE}/a/{module}.py": sources.get(module, "") for module in MODULES}
    own[TOOL] += "import big\n"
    more = dict(files or {})
    start: Files = {"/app/main.py": "import a\n"}
    extras = tuple(path for path in more if path.startswith(f"{SITE}/a"))
    metadata = tuple(ImagePath(path) for path in extras if ".dist-info" in path)
    packages = (
        dist("a", *own, *extras, metadata=metadata),
        dist("big", BIG),
        dist("b", f"{SITE}/b/m.py"),
    )
    there = {**STDLIB, **start, **own, BIG: "", f"{SITE}/b/m.py": "", **more}
    used = {"/app/main.py": Use.OPENED, f"{SITE}/a/__init__.py": Use.OPENED}
    run = {"WorkingDir": "/app"}
    case = Case(there, used, (), packages=packages, rules=load_rules(), run=run)
    rootfs, inventory, bom, config = scene_of(case)
    for origin, path in (opened or {}).items():
        seen = FileUse(Use.OPENED, frozenset({Phase.START}), "/usr/bin/python3", origin)
        file = UsedFile(ImagePath(path), "file", "", 0, "", (), (seen,))
        kind = RunKind.EXPLORATION if origin.startswith("explore:") else RunKind.WORKLOAD
        ran = replace(bom.runs[0], workload=origin, kind=kind)
        bom = replace(bom, runs=(*bom.runs, ran), files=(*bom.files, file))
    policy = Policy(level, (), (), load_rules(), "a" * 64)
    return decide(rootfs, inventory, bom, config, policy)


def test_what_only_an_unreached_module_imports_goes_and_the_module_stays() -> None:
    plan = planned({"__init__": "from . import core\n", "core": "import os\n"})
    assert ImagePath(TOOL) in plan.keep
    assert BIG in plan.remove


@pytest.mark.parametrize(
    "sources",
    [
        {"__init__": "from .tools import shapes\n"},
        {"__init__": "def f():\n    from a.tools.shapes import g\n"},
        {"__init__": "import a.core as c, a.tools.shapes as s\n"},
        {"__init__": "from . import tools\n", "tools/__init__": "from .shapes import *\n"},
        {
            "__init__": "from .core import f\n",
            "core": "from .tools import (\n    x,\n    shapes,\n)\n",
        },
        {"__init__": "LAZY = {'g': 'tools.shapes'}\n"},
        {"__init__": "LAZY = {'tools': ['shapes']}\n", "tools/__init__": "LAZY = ['shapes']\n"},
        {"__init__": "run([sys.executable, here / 'tools/shapes.py'])\n"},
        {"__init__": "def f(name):\n    return importlib.import_module(f'.{name}', __name__)\n"},
        {"__init__": "def f(name):\n    return importlib.import_module('a.' + name)\n"},
        {"__init__": "def f(name):\n    return __import__(name)\n"},
        {"__init__": "for each in pkgutil.iter_modules(__path__): pass\n"},
        {"__init__": "from a.tools import \\\n    shapes\n"},
        {
            "__init__": (
                "from a.tools import (\n    core,  # noqa: F401 (told again)\n    shapes,\n)\n"
            )
        },
        {"__init__": "import os, \\\n    a.tools.shapes\n"},
        {"__init__": "lazy.attach_stub(__name__, __file__)\n"},
        {"__init__": "def f(name):\n    return importlib.import_module (name)\n"},
        {"__init__": "from importlib import import_module as _load\n_load('.' + name)\n"},
        {"__init__": "list(map(importlib.import_module, NAMES))\n"},
    ],
)
def test_what_a_reached_module_names_is_reached(sources: Mapping[str, str]) -> None:
    assert BIG in planned(sources).keep


@pytest.mark.parametrize(
    "files",
    [
        {"/app/main.py": "import a.tools.shapes\n"},
        {"/app/main.py": "from a.tools import shapes\n"},
        {"/app/main.py": "from a.tools import \\\n    shapes\n"},
        {"/app/main.py": "from a.tools import (\n    core,  # (told again)\n    shapes,\n)\n"},
        {"/app/main.py": "import a\nAPPS = ['a']\n"},
        {"/app/main.py": "import a\nAPPS = ['a.core']\n"},
        {"/app/settings.yaml": "handler: a.tools.shapes.Handler\n"},
        {"/app/run.sh": "#!/bin/sh\npython -m a.tools.shapes\n"},
        {"/app/main.py": "import a, b.m\n", f"{SITE}/b/m.py": "X = 'a.tools.shapes'\n"},
        {
            f"{SITE}/a-1.dist-info/entry_points.txt": (
                "[console_scripts]\nshapes = a.tools.shapes:main\n"
            )
        },
        {
            f"{SITE}/a/x.cpython-311-x86_64-linux-gnu.so": elf(
                text=b"\0PyImport_ImportModule\0a.tools.shapes\0"
            )
        },
        {
            f"{SITE}/a/x.cpython-311-x86_64-linux-gnu.so": elf(
                text=b"\0PyImport_ImportModule\0__pyx_v\0"
            )
        },
    ],
)
def test_what_else_names_a_module_reaches_it(files: Files) -> None:
    assert BIG in planned({}, files).keep


@pytest.mark.parametrize("path", [TOOL, f"{SITE}/a/tools/__pycache__/shapes.cpython-311.pyc"])
@pytest.mark.parametrize(
    ("origin", "kept"), [("more", True), ("explore:requests", True), (IMPORT_SWEEP, False)]
)
def test_the_import_sweep_reaches_nothing_by_itself(path: str, origin: str, kept: bool) -> None:
    plan = planned({}, {path: "import big\n"} if path.endswith("c") else {}, {origin: path})
    assert (BIG in plan.keep) is kept


def test_what_the_import_sweep_alone_opened_of_another_distribution_stays() -> None:
    """It was imported by something within reach of the workload; its own modules are there."""
    assert BIG in planned({}, {}, {IMPORT_SWEEP: BIG}).keep


def test_at_package_level_everything_is_read() -> None:
    assert BIG in planned({}, level=Level.PACKAGE).keep
