"""What the closure reads in texts and bytes of an image, and what it makes of broken ones."""

import io
import struct
from dataclasses import replace
from functools import partial

import pytest

from careen.formats.elf.program import ElfInfo, elf_info
from careen.formats.elf.versions import (
    MAX_ENTRIES,
    MAX_STRINGS,
    defined_versions,
    names_symbol,
    needed_versions,
)
from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.rbom import FileUse
from careen.model.runs.trace import Phase, Use
from careen.plan.explain import explain
from careen.plan.mechanisms.application.java_class_path import class_path_of, paths_of, words_of
from careen.plan.mechanisms.commands.shell_sources import Sourced, sourced
from careen.plan.mechanisms.files.configured_libraries import named_libraries
from careen.plan.mechanisms.files.locales import directories
from careen.plan.mechanisms.files.programs import env_command
from careen.plan.mechanisms.python.path_files import path_entries
from careen.plan.scanners.compiled.imports import compiled_names, loose_names
from careen.plan.scanners.composed_names import composed, is_composed
from careen.plan.scanners.imports import imported
from careen.plan.scanners.opened_libraries import opened_libraries
from tests.support.plans import Case, Files, elf, package, plan_for, scene_of
from tests.support.trees import Exec


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("python3 -u", "python3"),
        ("-S python3 -u", "python3"),
        ("-Spython3 -u", "python3"),
        ("-vS python3", "python3"),
        ("--split-string=perl -w", "perl"),
        ("-i -u LANG -C /srv A=1 B=2 ruby", "ruby"),
        ("-S 'node' --inspect", "node"),
        ("A=1", ""),
        ("", ""),
    ],
)
def test_the_command_that_env_starts(line: str, command: str) -> None:
    assert env_command(line.split()) == command


@pytest.mark.parametrize(
    ("script", "found"),
    [
        (". /lib/lsb/init-functions\n", [Sourced("/lib/lsb/init-functions", computed=False)]),
        ('source "$(dirname "$0")/lib.sh"\n', [Sourced("/lib.sh", computed=True)]),
        ('. "${BASH_SOURCE%/*}/a/b.sh" && x\n', [Sourced("/a/b.sh", computed=True)]),
        (
            "if x; then . ./env; fi; case $1 in a) . two;; esac\n",
            [Sourced("./env", computed=False), Sourced("two", computed=False)],
        ),
        ("[ -r x ] && . `dirname $0`/y.sh\n", [Sourced("/y.sh", computed=True)]),
        ('. "$file"\necho a . b\nx=.\ncp a .\n', []),
    ],
)
def test_what_a_script_reads_in(script: str, found: list[Sourced]) -> None:
    assert list(sourced(script.encode())) == found


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("libmkl_%s.so.2", ("libmkl_avx2.so.2", "libmkl_def.so.2")),
        ("%s/libmkl_%s.so.%d", ("libmkl_avx2.so.2", "libmkl_core.so.1", "libmkl_def.so.2")),
        ("libggml-cpu-{variant}.so", ("libggml-cpu-haswell.so",)),
        ("libggml-%(kind)s.so", ("libggml-cpu-haswell.so",)),
        ("lib%s.so", ()),
        ("%s.so.%d", ()),
        ("libab%s.so", ()),
        ("libmkl_{.so.2", ()),
        ("%s%s%s%s%slibmkl_.so", ()),
    ],
)
def test_what_a_name_with_places_can_become(text: str, becomes: tuple[str, ...]) -> None:
    known = (
        "libmkl_avx2.so.2",
        "libmkl_def.so.2",
        "libmkl_core.so.1",
        "libggml-cpu-haswell.so",
        "libabc.so",
    )
    assert composed(text, known) == becomes


def test_a_name_that_fits_in_very_many_ways_is_looked_at_once() -> None:
    """A pattern of four fillings takes 80 to the power of 4 steps for a name that fits nearly."""
    text = "libaaaa%sa%sa%sa%sb.so"
    assert composed(text, ["lib" + "a" * 240 + ".so", "lib" + "a" * 240 + "b.so"]) == (
        "lib" + "a" * 240 + "b.so",
    )


def test_a_name_without_places_is_none() -> None:
    assert not is_composed("libmkl_core.so.2")


def test_libraries_in_configuration_but_not_in_comments() -> None:
    text = (
        b"# load libold.so\n; Driver = libolder.so\n// libjs.so\nload_module"
        b" modules/ngx_x.so;\nDriver=/opt/d/libd.so.2\nname libpq.so.5, x.sort\n"
    )
    assert named_libraries(text) == (
        ("modules/", "ngx_x.so"),
        ("/opt/d/", "libd.so.2"),
        ("", "libpq.so.5"),
    )
    assert named_libraries(b"\x7fELF\0\0libx.so\0") == ()


def test_libraries_that_sources_open() -> None:
    source = b"""ffi.dlopen("magic")\nCDLL('/opt/x/libfull.so.3')\nCDLL(f"lib{kind}-core.so")\nimport './lib.sort'\n"""
    assert opened_libraries(source) == {"magic", "libfull.so.3", "lib{kind}-core.so"}


def test_names_that_nothing_adjoins() -> None:
    data = b"x.numpy scipy/ torchOpenSSL_ PILLOW numba\xffPyYAML3 -pandas cachetools"
    names = ("numpy", "scipy", "torch", "OpenSSL", "PILLOW", "numba", "PyYAML", "pandas", "attrs")
    assert loose_names((*names, "cachetools"), data) == ("PILLOW", "cachetools", "numba", "torch")


def test_modules_that_compiled_code_names() -> None:
    cython = b"\0PyImport_ImportModuleLevelObject\0scipy.special\0six\0requests_x\0"
    assert compiled_names(cython).imported(
        ("scipy", "six", "requests", "special"), partial(loose_names, data=cython)
    ) == {"scipy", "six"}
    rust = b"pyo3 PyImport_Import src/x.rs:transformersPreTrainedTokenizernumpy.core/sixteen"
    assert compiled_names(rust).imported(
        ("transformers", "numpy", "six"), partial(loose_names, data=rust)
    ) == {"transformers"}
    assert not compiled_names(cython.replace(b"PyImport", b"Py")).imports
    mypyc = (
        b"PyImport_Import\0CPyModule_pathspec___patterns\0CPyModule_platformdirs\0CPyModule_six_x\0"
    )
    assert compiled_names(mypyc).imported(
        ("pathspec", "platformdirs", "six", "patterns"), partial(loose_names, data=mypyc)
    ) == {
        "pathspec",
        "platformdirs",
    }
    nuitka = b"PyImport_Import __nuitka_x \1aboosted\0uscipy.special\0T\2u six\0"
    assert compiled_names(nuitka).imported(
        ("boosted", "scipy", "six"), partial(loose_names, data=nuitka)
    ) == {
        "boosted",
        "scipy",
    }


def test_imports_by_calls_that_say_so() -> None:
    source = b"""
import_optional_dependency("tables", extra="x")
LazyLoader("np", globals(), "numpy.core")
module = importlib.import_module(f"shop.tills.{name}")
if is_torch_available("vision"): pass
"""
    assert {"tables", "numpy", "shop", "vision"} <= imported(source)


def test_directories_on_pythons_path() -> None:
    assert path_entries("x.pth", "# note\nimport os; os.x\n/src/a\n../b\n\n.\n") == (
        "/src/a",
        "../b",
    )
    assert path_entries(
        "__editable___x_finder.py", "MAPPING = {'x': '/src/x', 'y': \"/src/y\"}\nA = 'rel'"
    ) == ("/src/x", "/src/y")


def test_the_class_path_of_a_manifest() -> None:
    manifest = (
        b"Manifest-Version: 1.0\r\nClass-Path: a.jar lib/b%20c.ja\r\n r file:/opt/d.jar"
        b" https://example.org/e.jar\r\nMain-Class: X\r\n"
    )
    assert class_path_of(manifest) == ("a.jar", "lib/b c.jar", "/opt/d.jar")
    assert class_path_of(b"\xff\0") == ()


@pytest.mark.parametrize("entry", ["http://[x", "file://[::1", "//[/a.jar", "http://a]b/c.jar"])
def test_an_entry_of_a_class_path_that_is_no_address_is_left_out(entry: str) -> None:
    assert class_path_of(f"Class-Path: a.jar {entry} b.jar\n".encode()) == ("a.jar", "b.jar")


def test_a_list_of_translations_names_no_locale_and_a_prefix_is_no_plugin_directory() -> None:
    owners = tuple(
        package(Ecosystem.DEB, name, (path,))
        for name, path in (
            ("locales-all", "/usr/lib/locale/fr_FR.utf8/LC_TIME"),
            ("tools", "/opt/tools/lib/x.so"),
        )
    )
    files: Files = {
        "/lib64/ld-linux-x86-64.so.2": elf(),
        "/app/m.py": "LANGUAGES = ['fr_FR', 'fr']",
        "/usr/lib/locale/fr_FR.utf8/LC_TIME": "",
        "/usr/bin/x": elf(text=b"\0/opt/tools\0"),
        "/opt/tools/bin/t": "",
        "/opt/tools/lib/x.so": elf(),
    }
    plan = plan_for(
        Case(
            files,
            {"/app/m.py": Use.OPENED, "/usr/bin/x": Use.EXECUTED},
            (),
            packages=owners,
            run={"WorkingDir": "/app"},
        )
    )
    assert {"/usr/lib/locale/fr_FR.utf8/LC_TIME", "/opt/tools/lib/x.so"} <= plan.remove.keys()


def test_directories_that_a_script_makes_are_on_no_class_path() -> None:
    jars = package(Ecosystem.DEB, "jars", ("/srv/jars/b.jar",))
    script = b"#!/bin/sh\nmkdir -p /srv/jars\nexec java %b Main\n"
    files: Files = {
        "/usr/lib/jvm/x/bin/java": elf(),
        "/app/run.sh": Exec(script % b"-Xmx1g"),
        "/srv/jars/b.jar": "",
    }
    used = {"/usr/lib/jvm/x/bin/java": Use.EXECUTED, "/app/run.sh": Use.EXECUTED}
    assert (
        ImagePath("/srv/jars/b.jar")
        in plan_for(Case(files, used, (), packages=(jars,), run={"WorkingDir": "/app"})).remove
    )
    named: Files = {**files, "/app/run.sh": Exec(script % b"-cp '/srv/jars/*'")}
    assert (
        ImagePath("/srv/jars/b.jar")
        in plan_for(Case(named, used, (), packages=(jars,), run={"WorkingDir": "/app"})).keep
    )


def test_the_class_path_of_a_command() -> None:
    words = words_of(
        'exec java -Xmx1g -cp "/opt/a.jar:/opt/lib/*" \\\n -javaagent:/opt/agent.jar=port=1'
        " --module-path=/m @/etc/args @@x -jar 'b c.jar'"
    )
    assert tuple(paths_of(words)) == (
        "/opt/a.jar",
        "/opt/lib/*",
        "/opt/agent.jar",
        "/m",
        "@/etc/args",
        "b c.jar",
    )


@pytest.mark.parametrize(
    ("locale", "found"),
    [
        ("de_DE.UTF-8", ("de_DE.UTF-8", "de_DE.utf8", "de_DE")),
        (
            "de_DE.ISO-8859-15@euro",
            ("de_DE.ISO-8859-15@euro", "de_DE.iso885915@euro", "de_DE@euro"),
        ),
        ("../../etc", ()),
        ("C/..", ()),
    ],
)
def test_where_a_locale_lies(locale: str, found: tuple[str, ...]) -> None:
    assert directories(locale) == found


def versions_of(table: bytes) -> ElfInfo:
    return ElfInfo(
        64,
        little_endian=True,
        machine="x86_64",
        kind="dyn",
        strings=(0, 4),
        needs_at=4,
        defines_at=4,
    )


def test_tables_of_versions_that_lie_end() -> None:
    """Chains that run in small steps over each other, point behind the end or never end cost what
    the caps allow, and give what could be read.
    """
    overlapping = b"abc\0" + struct.pack("<HHIII", 1, 0xFFFF, 0, 1, 1) * 4096
    stream = io.BytesIO(overlapping)
    info = versions_of(overlapping)
    assert sum(len(found) for found in needed_versions(stream, info).values()) <= MAX_ENTRIES
    assert len(defined_versions(stream, info)) <= MAX_ENTRIES
    beyond = io.BytesIO(b"abc\0" + struct.pack("<HHIII", 1, 9, 1 << 31, 1 << 30, 1 << 31))
    assert needed_versions(beyond, info) == {"": frozenset()}
    assert needed_versions(io.BytesIO(b"abc\0"), info) == {}


def test_versions_of_a_good_file() -> None:
    stream = io.BytesIO(elf(("liba.so",), needs=("liba.so", "A_2")))
    info = elf_info(stream)
    assert isinstance(info, ElfInfo)
    assert needed_versions(stream, info) == {"liba.so": {"A_2"}}
    library = io.BytesIO(elf(defines="A_2"))
    found = elf_info(library)
    assert isinstance(found, ElfInfo)
    assert defined_versions(library, found) == {"A_2"}


def test_versions_behind_many_names_of_symbols() -> None:
    names = ("x" * (5 << 20),)
    stream = io.BytesIO(elf(("liba.so",), leftovers=names, needs=("liba.so", "A_2")))
    info = elf_info(stream)
    assert isinstance(info, ElfInfo)
    assert needed_versions(stream, info) == {"liba.so": {"A_2"}}


@pytest.mark.parametrize("before", [0, (1 << 20) - 9, (1 << 20) - 1, 5 << 20])
def test_names_of_symbols_are_read_in_pieces(before: int) -> None:
    stream = io.BytesIO(elf(leftovers=("x" * before, "iconv_open")))
    info = elf_info(stream)
    assert isinstance(info, ElfInfo)
    assert names_symbol(stream, info, (b"iconv_open", b"other"))
    assert not names_symbol(stream, info, (b"iconv_close", b"iconv_openat"))


def test_symbols_that_are_not_read_may_be_there() -> None:
    stream = io.BytesIO(elf(("liba.so",)))
    info = elf_info(stream)
    assert isinstance(info, ElfInfo)
    assert not names_symbol(stream, info, (b"iconv_open",))
    assert names_symbol(stream, replace(info, strings=(0, 0)), (b"iconv_open",))
    more = replace(info, strings=(info.strings[0], MAX_STRINGS + 1))
    assert names_symbol(stream, more, (b"iconv_open",))


def test_why_goes_on_through_the_programs_that_a_use_was_made_by() -> None:
    case = Case(
        {"/entry": elf(), "/usr/bin/tool": elf(), "/srv/m/model.bin": "", "/srv/m/other.bin": ""},
        dict.fromkeys(("/srv/m/model.bin", "/usr/bin/tool", "/entry"), Use.OPENED),
        (),
    )
    rootfs, inventory, bom, _ = scene_of(case)
    by = {"/srv/m/model.bin": "/usr/bin/tool", "/usr/bin/tool": "/entry", "/entry": "/entry"}
    files = tuple(
        replace(
            file, uses=(FileUse(Use.OPENED, frozenset({Phase.START}), by[file.path], "default"),)
        )
        for file in bom.files
    )
    bom = replace(bom, files=files)
    plan = plan_for(case)
    plan = replace(
        plan,
        keep={
            path: (
                replace(reason, detail=f"opened by {by[path]} in start (default)")
                if path in by
                else reason
            )
            for path, reason in plan.keep.items()
        },
    )
    chain = explain(plan, rootfs, inventory, bom, ImagePath("/srv/m/other.bin")).chain
    assert [step.path for step in chain] == [
        "/srv/m/other.bin",
        "/srv/m/model.bin",
        "/usr/bin/tool",
        "/entry",
    ]
