"""Type libraries of GObject introspection, and what packages of the system call of those that they
depend on.
"""

import pytest

from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.mechanisms.files.typelibs import needs
from careen.plan.scanners.typelib_names import namespaces
from tests.support.plans import Case, Files, elf, package, plan_for
from tests.unit.plan.test_mechanism_alone import typelib


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("from gi.repository import Gst, GLib as G", {"Gst", "GLib"}),
        ("from gi.repository import (\n    Gio,\n    Poppler,\n)", {"Gio", "Poppler"}),
        ("from gi.repository import Gst, \\\n    GstApp", {"Gst", "GstApp"}),
        ("import gi.repository.Pango", {"Pango"}),
        ("# gi.repository\ngi.require_version('Gst', '1.0')", {"Gst"}),
        ("# gi.repository\ngi.require_versions({'Gst': '1.0', 'Soup': '3.0'})", {"Gst", "Soup"}),
        ("const Gtk = imports.gi.Gtk;\nconst {Gio, GLib} = imports.gi;", {"Gtk", "Gio", "GLib"}),
        ("import Soup from 'gi://Soup?version=3.0'", {"Soup"}),
        ("local lgi = require 'lgi'\nlocal Pango = lgi.Pango", {"Pango"}),
        ("from other import Gst", set()),
    ],
)
def test_the_namespaces_that_a_source_asks_for(source: str, names: set[str]) -> None:
    assert namespaces(source.encode()) == names


@pytest.mark.timeout(20)
def test_a_hostile_source_ends() -> None:
    assert namespaces(b"lgi require(" + b" " * 1_000_000) == frozenset()


def test_what_a_type_library_needs() -> None:
    whole = typelib("GObject-2.0|Gio-2.0", "liba.so.0,libb.so.1")
    assert needs(whole) == (("GObject-2.0", "Gio-2.0"), ("liba.so.0", "libb.so.1"))
    assert needs(b"GOBJ" + bytes(99)) == ((), ())
    for end in range(len(whole)):
        needs(whole[:end])


PLACE = "/usr/lib/girepository-1.0"


def test_type_libraries_follow_each_other() -> None:
    files: Files = {
        "/usr/bin/python3": elf(),
        "/app/main.py": "from gi.repository import Soup\n",
        f"{PLACE}/Soup-3.0.typelib": typelib("Gio-2.0", "libsoup.so.0"),
        f"{PLACE}/Gio-2.0.typelib": typelib("Soup-3.0", "libgio.so.0"),
        f"{PLACE}/Other-1.0.typelib": typelib("", "libother.so.0"),
        **{f"/usr/lib/lib{word}.so.0": elf() for word in ("soup", "gio", "other")},
    }
    case = Case(
        files,
        {"/usr/bin/python3": Use.EXECUTED, "/app/main.py": Use.OPENED},
        (),
        run={"WorkingDir": "/app", "Entrypoint": ["python3", "main.py"]},
    )
    kept = plan_for(case).keep
    assert {
        f"{PLACE}/Soup-3.0.typelib",
        f"{PLACE}/Gio-2.0.typelib",
        "/usr/lib/libsoup.so.0",
        "/usr/lib/libgio.so.0",
    } <= set(kept)
    assert not {f"{PLACE}/Other-1.0.typelib", "/usr/lib/libother.so.0"} & set(kept)


def deb(
    name: str,
    *files: str,
    depends: tuple[str, ...] = (),
    recommends: tuple[str, ...] = (),
    source: str = "",
) -> Package:
    return package(
        Ecosystem.DEB, name, files, depends=depends, recommends=recommends, source=source
    )


def kept(files: Files, packages: tuple[Package, ...], used: dict[str, Use]) -> set[str]:
    return {str(path) for path in plan_for(Case(files, used, (), packages=packages)).keep}


@pytest.mark.parametrize("kind", ["depends", "recommends"])
def test_a_library_that_names_a_command_of_what_its_package_depends_on_or_recommends(
    kind: str,
) -> None:
    files: Files = {
        "/usr/lib/libseal.so.1": elf(text=b"\0sealer\0other9\0delsealer\0"),
        **{
            f"/usr/{path}": elf()
            for path in ("bin/sealer", "bin/other9", "bin/spare", "sbin/delsealer")
        },
    }
    packages = (
        deb(
            "libseal1",
            "/usr/lib/libseal.so.1",
            depends=("seals",) * (kind == "depends"),
            recommends=("seals",) * (kind == "recommends"),
        ),
        deb("seals", depends=("sealer",)),  # it has no programs: it stands for what it depends on
        deb("sealer", "/usr/bin/sealer", "/usr/bin/spare", "/usr/sbin/delsealer"),
        deb("other9", "/usr/bin/other9"),
    )
    found = kept(files, packages, {"/usr/lib/libseal.so.1": Use.MAPPED})
    assert "/usr/bin/sealer" in found
    assert not {"/usr/bin/other9", "/usr/bin/spare", "/usr/sbin/delsealer"} & found


def test_a_command_that_the_application_names_has_those_of_its_source() -> None:
    files: Files = {
        "/app/main.py": 'run(["bus-session", "--", "x"])',
        "/usr/bin/bus-session": elf(text=b"\0--bus-daemon\0"),
        "/usr/bin/bus-daemon": elf(),
    }
    packages = (
        deb("bus-tools", "/usr/bin/bus-session", source="bus@1"),
        deb("bus", "/usr/bin/bus-daemon", source="bus@1"),
    )
    case = Case(
        files,
        {"/app/main.py": Use.OPENED},
        (),
        packages=packages,
        run={"WorkingDir": "/app", "Entrypoint": ["/app/main.py"]},
    )
    assert ImagePath("/usr/bin/bus-daemon") in plan_for(case).keep


def test_a_package_of_sources_alone_opens_the_libraries_that_it_depends_on() -> None:
    source = "/usr/share/words/words.py"
    files: Files = {
        source: "cdll.LoadLibrary(found)",
        "/usr/lib/libwords.so.2": elf(),
        "/usr/lib/libmore.so.2": elf(),
    }
    libraries = (
        deb("libwords2", "/usr/lib/libwords.so.2"),
        deb("libmore2", "/usr/lib/libmore.so.2"),
    )
    found = kept(
        files, (deb("words", source, depends=("libwords2",)), *libraries), {source: Use.OPENED}
    )
    assert "/usr/lib/libwords.so.2" in found
    assert "/usr/lib/libmore.so.2" not in found
