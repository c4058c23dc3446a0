"""Libraries that Python code opens by name: ctypes, cffi."""

import pytest

from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.model.plan import Level
from careen.model.runs.trace import Use
from careen.plan.scanners.opened_libraries import opened_libraries
from tests.support.plans import Case, Files, elf, package, plan_for
from tests.support.trees import Link

SITE = "/usr/local/lib/python3.11/site-packages"
PYTHON: Files = {
    "/usr/local/bin/python3.11": elf(),
    "/usr/local/lib/python3.11/os.py": "",
    "/usr/local/lib/python3.11/encodings/__init__.py": "",
}
LIBRARIES: Files = {
    "/usr/lib/libmagic.so.1": Link("libmagic.so.1.0.0"),
    "/usr/lib/libmagic.so.1.0.0": elf(("libz.so.1",)),
    "/usr/lib/libz.so.1": elf(),
    "/usr/lib/libsnd.so.1": elf(),
}


def owner(module: str) -> Package:
    return package(Ecosystem.PYPI, module, (f"{SITE}/{module}/__init__.py",), modules=(module,))


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ('ctypes.CDLL("libmagic.so.1")', {"libmagic.so.1"}),
        ("path = ctypes.util.find_library('magic')", {"magic"}),
        (
            'dlopen(ffi, ("cairo-2", "cairo"), ("libcairo.so.2",))',
            {"cairo-2", "cairo", "libcairo.so.2"},
        ),
        ('lib = ffi.dlopen(\n    "libpango.so.0"\n)', {"libpango.so.0"}),
        ('NAMES = ["/opt/x/libfoo-2.so", "b"]', {"libfoo-2.so"}),
        ('x = "libmagic"', set()),
        (
            'lib_names = ["gdal", "GDAL"]\nfor name in lib_names:\n  x = find_library(name)',
            {"gdal", "GDAL"},
        ),
        (
            "for _libname in (\n    'portaudio',  # default\n    'x.dll'):\n  find_library(_libname)",
            {"portaudio", "x.dll"},
        ),
        ('lib_names = ["gdal"]', set()),
        ("find_library('MagickWand' + suffix)", {"MagickWand", "libMagickWand{}.so{}"}),
        ("ffi.dlopen(f'libfoobar{kind}')", {"libfoobar{}.so{}"}),
        (
            'libs = "synth synth-3"\nfor one in libs.split():\n    lib = find_library(one)\n',
            {"synth", "synth-3"},
        ),
        ("for one in (\n  'a',\n  'b',\n):\n  CDLL(one)\nother = 'c'", {"a", "b"}),
        ("one = 'a'\nfind_library(two)", set()),
        ("from PyQt6.QtQuick import QQuickView", {"Qt6Quick"}),
        ("from PySide2 import QtCore, Qt3DCore", {"Qt5Core", "Qt53DCore"}),
        ("from qtpy import QtSvg\nQt.AlignLeft", {"Qt5Svg", "Qt6Svg"}),
        ("# QtQuick without a binding", set()),
    ],
)
def test_the_names_under_which_a_source_opens_libraries(source: str, names: set[str]) -> None:
    assert opened_libraries(source.encode()) == names


@pytest.mark.parametrize(
    "call",
    [
        "ctypes.CDLL('libmagic.so.1')",
        "ctypes.util.find_library('magic')",
        "find_library('magi' + end)",
        "[find_library(lib) for lib in ('magic', 'magic1')]",
    ],
)
def test_a_library_that_python_opens_by_name_stays_with_what_it_needs(call: str) -> None:
    source = f"{SITE}/kind/__init__.py"
    files: Files = {
        **PYTHON,
        **LIBRARIES,
        source: f"import ctypes.util\n\n\ndef guess():\n    return {call}\n",
    }
    case = Case(
        files,
        {"/usr/local/bin/python3.11": Use.EXECUTED, source: Use.OPENED},
        (),
        packages=(owner("kind"),),
    )
    kept = plan_for(case).keep
    assert kept[ImagePath("/usr/lib/libmagic.so.1.0.0")].code == "foreign-library"
    assert {"/usr/lib/libmagic.so.1", "/usr/lib/libz.so.1"} <= set(kept)
    assert ImagePath("/usr/lib/libsnd.so.1") not in kept
    assert ImagePath("/usr/lib/libmagic.so.1.0.0") in plan_for(case, Level.OBSERVED).remove


def test_a_library_of_another_machine_is_not_what_python_opens() -> None:
    source = f"{SITE}/kind/__init__.py"
    files: Files = {
        **PYTHON,
        "/usr/lib/libmagic.so.1": elf(machine=183),
        source: "import ctypes\nX = lambda: ctypes.CDLL('libmagic.so.1')\n",
    }
    case = Case(
        files,
        {"/usr/local/bin/python3.11": Use.EXECUTED, source: Use.OPENED},
        (),
        packages=(owner("kind"),),
    )
    assert ImagePath("/usr/lib/libmagic.so.1") in plan_for(case).remove
