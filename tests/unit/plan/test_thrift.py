"""What a kept package does not bring with it: test suites, stubs, Cython sources, other commands,
sonames that nothing opens. Each with its negative.
"""

import os
import struct
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.model.plan import Level
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from careen.plan.scanners.compiled.arguments import arguments_of
from careen.tools.process import run
from tests.support.plans import Case, Files, elf, package, plan_for
from tests.support.trees import Exec, Link, SetId

pytestmark = pytest.mark.slow

RULES = load_rules()
LIB = "/usr/lib/python3.11"
SITE = f"{LIB}/site-packages"
STDLIB: Files = {f"{LIB}/os.py": "", f"{LIB}/encodings/__init__.py": ""}


def dist(name: str, *files: str) -> Package:
    return package(Ecosystem.PYPI, name, tuple(f"{SITE}/{item}" for item in files), modules=(name,))


SUITE = ("a/tests/__init__.py", "a/tests/data.csv", "a/tests/deep/test_x.py")


def suite_case(source: str, used: str = "a/m.py") -> Case:
    suite = dict.fromkeys((f"{SITE}/{item}" for item in SUITE), "")
    files: Files = {
        **STDLIB,
        **suite,
        f"{SITE}/a/m.py": source,
        f"{SITE}/a/testing/x.py": "",
        "/app/m.py": "",
    }
    owner = dist("a", "a/m.py", "a/testing/x.py", *SUITE)
    return Case(
        files,
        {f"{SITE}/{used}": Use.OPENED, f"{SITE}/a/m.py": Use.OPENED},
        (),
        packages=(owner,),
        run={"WorkingDir": "/app"},
    )


@pytest.mark.parametrize(
    "source",
    [
        "",
        "x = 'latest'\n",
        "from tests import y\n",
        "import b.tests\n",
        "run(tests_dir, tests)\n",
        '"""Estimates,\ntests, masked numbers, and the like"""\n',
        '"""\n    >>> d = join(dirname(a.__file__), \'tests\', \'data\')\n"""\n',
        "own = join(here, 'tests') + os.sep\n",
        "if not name.startswith('a.tests.'):\n    n += 1\n",
        "savetxt(join(here, '..', 'tests', 'local',\n             'x.txt'), x)\n",
        (
            "own = join(here, 'tests')\nif name.startswith(here) and not name.startswith(own):\n   "
            " n += 1\n"
        ),
    ],
)
def test_a_suite_that_nothing_imports_goes_and_says_so(source: str) -> None:
    plan = plan_for(suite_case(source))
    assert {plan.remove[ImagePath(f"{SITE}/{item}")].code for item in SUITE} == {"test-suite"}
    assert ImagePath(f"{SITE}/a/testing/x.py") in plan.keep


def test_a_directory_of_that_name_without_a_module_is_data() -> None:
    data = ("a/macros/tests/unit.sql", "a/tests/generic/builtin.sql")
    files: Files = {
        **STDLIB,
        **dict.fromkeys(
            (f"{SITE}/{item}" for item in (*data, "a/macros/tests/deep/tests/test_x.py")), ""
        ),
        f"{SITE}/a/m.py": "",
    }
    owner = dist("a", "a/m.py", *data, "a/macros/tests/deep/tests/test_x.py")
    plan = plan_for(Case(files, {f"{SITE}/a/m.py": Use.OPENED}, (), packages=(owner,)))
    assert ImagePath(f"{SITE}/{data[1]}") in plan.keep
    assert (
        plan.remove[ImagePath(f"{SITE}/{data[0]}")].code == "test-suite"
    )  # beside modules it belongs to them


def test_a_virtual_environment_keeps_the_scripts_that_enter_it() -> None:
    entered = ("/opt/venv/bin/activate", "/opt/venv/bin/activate.fish")
    files: Files = {
        **STDLIB,
        **dict.fromkeys(entered, ""),
        "/opt/venv/pyvenv.cfg": f"home = {LIB}\n",
        "/opt/other/bin/activate": "",
    }
    plan = plan_for(Case(files, {f"{LIB}/os.py": Use.OPENED}, (), rules=RULES))
    assert {plan.keep[ImagePath(path)].code for path in entered} == {
        "rule:virtual-environment-scripts"
    }
    without = {path: text for path, text in files.items() if not path.endswith("pyvenv.cfg")}
    assert (
        ImagePath(entered[0])
        in plan_for(Case(without, {f"{LIB}/os.py": Use.OPENED}, (), rules=RULES)).remove
    )


@pytest.mark.parametrize(
    "source",
    [
        "from .tests import y\n",
        "from . import b, tests\n",
        "X = 'a.tests.y'\n",
        "from . import (\n    b,\n    tests,\n)\n",
        "from . import (\n    b as c, tests as t, d)  # all\n",
        "from . import b, \\\n    tests, \\\n    c\n",
        "own = join(dirname(__file__), 'tests')\n",
        "own = join(here, 'tests')\nif not name.startswith(own):\n    run(own)\n",
        "X.own = join(here, 'tests')\nif not name.startswith(X.own):\n    pass\n",
    ],
)
def test_a_suite_that_kept_code_imports_stays(source: str) -> None:
    plan = plan_for(suite_case(source))
    assert all(ImagePath(f"{SITE}/{item}") in plan.keep for item in SUITE)


@pytest.mark.parametrize(
    "source",
    [
        "import a.tests.deep\n",
        "from a.tests.deep import y\n",
        "from .tests.deep.test_x import y\n",
        "X = 'a.tests.deep'\n",
    ],
)
@pytest.mark.parametrize(
    ("module", "kept"),
    [
        ("", ("__init__.py", "deep/test_x.py")),
        ("from .. import other\n", ("__init__.py", "deep/test_x.py", "other.py")),
        ("D = dirname(__file__)\n", ("__init__.py", "deep/test_x.py", "other.py", "data.csv")),
    ],
)
def test_one_module_of_a_suite_comes_with_what_it_names(
    source: str, module: str, kept: tuple[str, ...]
) -> None:
    given = suite_case(source)
    more = {f"{SITE}/a/tests/other.py": "", f"{SITE}/a/tests/deep/test_x.py": module}
    owner = dist("a", "a/m.py", "a/testing/x.py", *SUITE, "a/tests/other.py")
    plan = plan_for(replace(given, files={**given.files, **more}, packages=(owner,)))
    there = ("__init__.py", "deep/test_x.py", "other.py", "data.csv")
    assert tuple(item for item in there if ImagePath(f"{SITE}/a/tests/{item}") in plan.keep) == kept


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("d = join(dirname(__file__), 'tests', 'data')\n", (1,)),
        ("d = join(here, 'tests',\n    'deep', name)\n", (2,)),
        ("d = join(here, 'tests/deep/test_x.py')\n", (2,)),
        ("d = Path(__file__).parent / 'tests' / 'deep'\n", (2,)),
        (
            "d = Path(__file__).parent / 'tests' / 'deep'\ne = join(here, 'tests', 'data.csv')\n",
            (1, 2),
        ),
        ("d = [here / 'tests', 'deep']\n", (0, 1, 2)),
        ("d = join(here, 'tests', 'deep' if old else 'data')\n", (0, 1, 2)),
        ("d = join(here, 'tests', 'dope'.replace('o', 'e'))\n", (0, 1, 2)),
        ("d = join(here, 'tests', '.', 'deep')\n", (2,)),
        ("d = join(here, 'tests/./deep')\n", (2,)),
        ("d = here / 'tests' / 'deep'\nuse(d.parent / 'data.csv')\n", (0, 1, 2)),
        ("d = join(here, 'tests', 'deep')\nuse(join(d, os.pardir, 'data.csv'))\n", (0, 1, 2)),
        ("d = [join(here, own), 'tests', 'deep']\n", (0, 1, 2)),
        ("d = (join(here, 'tests'), 'deep')\n", (0, 1, 2)),
        ("d = here / 'tests' / f'{name}'\n", (0, 1, 2)),
        ("d = join(here, 'tests', '..', 'deep')\n", (0, 1, 2)),
        ("d = join(here, 'tests', 'deep')\ne = join(here, 'tests', name)\n", (0, 1, 2)),
    ],
)
def test_of_a_suite_that_a_path_leads_into_stays_what_begins_with_it(
    source: str, kept: tuple[int, ...]
) -> None:
    plan = plan_for(suite_case(source))
    assert (
        tuple(
            number for number, item in enumerate(SUITE) if ImagePath(f"{SITE}/{item}") in plan.keep
        )
        == kept
    )


def test_a_suite_of_which_data_was_used_stays() -> None:
    assert ImagePath(f"{SITE}/{SUITE[2]}") in plan_for(suite_case("", used=SUITE[1])).keep


@pytest.mark.parametrize("used", [SUITE[2], "a/tests/deep/__pycache__/test_x.cpython-311.pyc"])
@pytest.mark.parametrize("user", ["", "from a.tests.deep import test_x\n"])
@pytest.mark.parametrize(("source", "kept"), [("", False), ("import a.tests.other\n", True)])
def test_a_module_of_a_suite_that_was_used_comes_with_what_it_names(
    used: str, user: str, source: str, kept: bool
) -> None:
    given = suite_case(user, used=used)
    other = "a/tests/other.py"
    more = {f"{SITE}/{used}": "", f"{SITE}/{SUITE[2]}": source, f"{SITE}/{other}": ""}
    owner = dist(
        "a", "a/m.py", "a/testing/x.py", *SUITE, other, *(() if used in SUITE else (used,))
    )
    plan = plan_for(replace(given, files={**given.files, **more}, packages=(owner,)))
    assert {ImagePath(f"{SITE}/{item}") in plan.keep for item in (SUITE[0], SUITE[2])} == {True}
    assert ImagePath(f"{SITE}/{SUITE[1]}") in plan.remove
    assert (ImagePath(f"{SITE}/{other}") in plan.keep) is kept


def test_a_suite_stays_at_package_level() -> None:
    assert ImagePath(f"{SITE}/{SUITE[1]}") in plan_for(suite_case(""), Level.PACKAGE).keep


def test_stubs_and_cython_sources_go_but_not_the_stub_of_lazy_imports() -> None:
    files: Files = {
        **STDLIB,
        f"{SITE}/a/__init__.py": (
            "import lazy_loader as lazy\n__getattr__, __dir__, __all__ = lazy.attach_stub(__name__,"
            " __file__)\n"
        ),
        f"{SITE}/a/__init__.pyi": "",
        f"{SITE}/a/other.pyi": "",
        f"{SITE}/a/fast.pyx": "",
        f"{SITE}/a/fast.pxd": "",
    }
    owner = dist("a", "a/__init__.py", "a/__init__.pyi", "a/other.pyi", "a/fast.pyx", "a/fast.pxd")
    plan = plan_for(
        Case(files, {f"{SITE}/a/__init__.py": Use.OPENED}, (), packages=(owner,), rules=RULES)
    )
    assert plan.keep[ImagePath(f"{SITE}/a/__init__.pyi")].code == "python-stub"
    assert plan.remove[ImagePath(f"{SITE}/a/other.pyi")].code == "rule:type-stubs"
    assert {plan.remove[ImagePath(f"{SITE}/a/fast.{end}")].code for end in ("pyx", "pxd")} == {
        "rule:extension-sources"
    }


@pytest.mark.parametrize(
    ("source", "kept"), [("LINE = ['mypy', '--strict']\n", True), ("LINE = ['my', 'py']\n", False)]
)
def test_stubs_stay_when_the_application_starts_a_type_checker(source: str, kept: bool) -> None:
    files: Files = {**STDLIB, f"{SITE}/a/m.py": "", f"{SITE}/a/m.pyi": "", "/app/m.py": source}
    used = {f"{SITE}/a/m.py": Use.OPENED, "/app/m.py": Use.OPENED}
    owner = dist("a", "a/m.py", "a/m.pyi")
    plan = plan_for(Case(files, used, (), packages=(owner,), rules=RULES))
    assert (ImagePath(f"{SITE}/a/m.pyi") in plan.keep) is kept


def test_cython_sources_stay_when_the_application_compiles_them() -> None:
    files: Files = {
        **STDLIB,
        f"{SITE}/a/m.py": "",
        f"{SITE}/a/fast.pxd": "",
        "/app/m.py": "import pyximport\n",
    }
    used = {f"{SITE}/a/m.py": Use.OPENED, "/app/m.py": Use.OPENED}
    case = Case(
        files,
        used,
        (),
        packages=(dist("a", "a/m.py", "a/fast.pxd"),),
        rules=RULES,
        run={"WorkingDir": "/app"},
    )
    assert ImagePath(f"{SITE}/a/fast.pxd") in plan_for(case).keep


HEADERS = ("a/include/a/core/x.h", "a/core/include/y.hpp", "a/include/ops.h.inc")


def headers_case(*others: str, source: str = "", variables: tuple[str, ...] = ()) -> Case:
    files: Files = {
        **STDLIB,
        f"{SITE}/a/m.py": "",
        f"{SITE}/a/include/m.py": "",
        **dict.fromkeys((f"{SITE}/{item}" for item in HEADERS), ""),
    }
    owner = dist("a", "a/m.py", "a/include/m.py", *HEADERS)
    used = {f"{SITE}/a/m.py": Use.OPENED, "/app/m.py": Use.OPENED}
    run = {"WorkingDir": "/app", "Env": variables}
    return Case(
        {**files, "/app/m.py": source, **dict.fromkeys(others, elf())},
        used,
        (),
        packages=(owner,),
        rules=RULES,
        run=run,
    )


def test_headers_of_distributions_go_where_nothing_can_compile() -> None:
    plan = plan_for(headers_case())
    assert {plan.remove[ImagePath(f"{SITE}/{item}")].code for item in HEADERS} == {
        "rule:extension-headers"
    }
    assert ImagePath(f"{SITE}/a/include/m.py") in plan.keep


COMPILERS = (
    "/usr/bin/x86_64-linux-gnu-gcc-14",
    "/usr/bin/c++",
    "/opt/conda/bin/clang-19",
    "/opt/oneapi/compiler/2025.0/bin/icx",
    "/opt/oneapi/compiler/2025.0/bin/icpx",
    "/opt/oneapi/compiler/2025.0/bin/dpcpp",
    "/opt/oneapi/compiler/2025.0/bin/compiler/clang++",
    "/opt/intel/bin/icc",
    "/opt/intel/bin/icpc",
    "/opt/rocm/bin/amdclang",
    "/opt/x/libexec/gcc/x86_64-linux-gnu/14/cc1plus",
    f"{SITE}/nvidia/cu13/lib/libnvrtc.so.13",
)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_headers_of_distributions_stay_where_something_can_compile(compiler: str) -> None:
    assert all(
        ImagePath(f"{SITE}/{item}") in plan_for(headers_case(compiler)).keep for item in HEADERS
    )


@pytest.mark.parametrize(
    "source",
    [
        "from torch.utils.cpp_extension import load\n",
        "X = a.get_include()\n",
        "load_inline('x', S)\n",
        "import pyximport\n",
        "run(['g++', 'x.cc'])\n",
    ],
)
def test_headers_of_distributions_stay_where_the_application_compiles_with_what_is_mounted(
    source: str,
) -> None:
    assert all(
        ImagePath(f"{SITE}/{item}") in plan_for(headers_case(source=source)).keep
        for item in HEADERS
    )


def test_headers_of_distributions_stay_where_the_configuration_names_a_compiler() -> None:
    assert all(
        ImagePath(f"{SITE}/{item}") in plan_for(headers_case(variables=("CXX=/mnt/bin/c++",))).keep
        for item in HEADERS
    )


def test_files_of_another_language_in_a_directory_of_packages_are_no_headers() -> None:
    owned = ("/opt/shop-packages/x/run.php", "/opt/shop-packages/x/include/db.inc")
    case = Case(
        dict.fromkeys(owned, ""),
        {owned[0]: Use.OPENED},
        (),
        packages=(package(Ecosystem.DEB, "shop", owned),),
        rules=RULES,
    )
    assert ImagePath(owned[1]) in plan_for(case).keep


def test_a_wheels_build_tool_goes() -> None:
    files: Files = {
        **STDLIB,
        f"{SITE}/a/m.py": "",
        f"{SITE}/a/bin/protoc-3.13": elf(),
        f"{SITE}/a/bin/helper": elf(),
    }
    owner = dist("a", "a/m.py", "a/bin/protoc-3.13", "a/bin/helper")
    plan = plan_for(Case(files, {f"{SITE}/a/m.py": Use.OPENED}, (), packages=(owner,), rules=RULES))
    assert plan.remove[ImagePath(f"{SITE}/a/bin/protoc-3.13")].code == "rule:package-build-tools"
    assert ImagePath(f"{SITE}/a/bin/helper") in plan.keep


@pytest.mark.parametrize(
    ("source", "stays"),
    [("import onnx\n", False), ("from onnx.backend.test import BackendTest\n", True)],
)
def test_data_by_which_a_backend_is_tested_go_unless_the_application_tests_one(
    source: str, stays: bool
) -> None:
    names = ("onnx/m.py", "onnx/backend/test/case.py", "onnx/backend/test/data/node/x.pb")
    files: Files = {
        **STDLIB,
        **dict.fromkeys((f"{SITE}/{item}" for item in names), ""),
        "/app/m.py": source,
        f"{SITE}/onnx/m.py": "import onnx.backend.test.case\n",
    }
    used = {f"{SITE}/onnx/m.py": Use.OPENED, "/app/m.py": Use.OPENED}
    plan = plan_for(
        Case(
            files,
            used,
            (),
            packages=(dist("onnx", *names),),
            run={"WorkingDir": "/app"},
            rules=RULES,
        )
    )
    assert [ImagePath(f"{SITE}/{item}") in plan.keep for item in names] == [True, True, stays]


DEVICES = ("libbitsandbytes_cuda128.so", "libbitsandbytes_rocm71.so", "libbitsandbytes_xpu2026.so")


@pytest.mark.parametrize(
    "built", ["libtorch_cpu.so", "libtorch_cuda.so", "libtorch_hip.so", "libtorch_xpu.so"]
)
def test_libraries_for_devices_that_torch_was_not_built_for_go(built: str) -> None:
    names = (
        "bitsandbytes/m.py",
        "bitsandbytes/libbitsandbytes_cpu.so",
        *(f"bitsandbytes/{item}" for item in DEVICES),
    )
    files: Files = {
        **STDLIB,
        **dict.fromkeys(
            (
                f"{SITE}/{item}"
                for item in (*names, "torch/lib/libtorch_cpu.so", f"torch/lib/{built}")
            ),
            "",
        ),
    }
    plan = plan_for(
        Case(
            files,
            {f"{SITE}/bitsandbytes/m.py": Use.OPENED},
            (),
            packages=(dist("bitsandbytes", *names),),
            rules=RULES,
        )
    )
    alone = built == "libtorch_cpu.so"
    assert all(
        (ImagePath(f"{SITE}/bitsandbytes/{item}") in plan.keep) is not alone for item in DEVICES
    )
    assert ImagePath(f"{SITE}/bitsandbytes/libbitsandbytes_cpu.so") in plan.keep


def test_libraries_for_devices_stay_where_torch_is_not_known() -> None:
    files: Files = {
        **STDLIB,
        f"{SITE}/bitsandbytes/m.py": "",
        f"{SITE}/bitsandbytes/{DEVICES[0]}": "",
    }
    owner = dist("bitsandbytes", "bitsandbytes/m.py", f"bitsandbytes/{DEVICES[0]}")
    plan = plan_for(
        Case(files, {f"{SITE}/bitsandbytes/m.py": Use.OPENED}, (), packages=(owner,), rules=RULES)
    )
    assert ImagePath(f"{SITE}/bitsandbytes/{DEVICES[0]}") in plan.keep


@pytest.mark.parametrize("own", [True, False])
def test_llama_libraries_beside_the_packages_go_where_the_package_has_them(own: bool) -> None:
    names = (
        "llama_cpp/m.py",
        "lib/libllama.so.0",
        "lib/libggml-cpu.so",
        *(("llama_cpp/lib/libllama.so",) if own else ()),
    )
    files: Files = {**STDLIB, **dict.fromkeys((f"{SITE}/{item}" for item in names), "")}
    plan = plan_for(
        Case(
            files,
            {f"{SITE}/llama_cpp/m.py": Use.OPENED},
            (),
            packages=(dist("llama_cpp", *names),),
            rules=RULES,
        )
    )
    assert all((ImagePath(f"{SITE}/{item}") in plan.keep) is not own for item in names[1:3])
    assert all(ImagePath(f"{SITE}/{item}") in plan.keep for item in names[3:])


def test_a_name_in_the_dynamic_string_table_is_no_library_to_open() -> None:
    libraries: Files = {
        "/usr/lib/libold.so.1": elf(),
        "/usr/lib/libnew.so.1": elf(),
        "/x": elf(text=b"\0libnew.so.1\0", leftovers=("libold.so.1",)),
    }
    plan = plan_for(Case(libraries, {"/x": Use.EXECUTED}, ()))
    assert ImagePath("/usr/lib/libold.so.1") in plan.remove
    assert plan.keep[ImagePath("/usr/lib/libnew.so.1")].code == "dlopen-hint"


COMMANDS: Files = {
    "/usr/bin/d": elf(text=b"\0/usr/bin/d-agent\0 d-word \0"),
    "/usr/bin/d-agent": elf(),
    "/usr/bin/d-word": elf(),
    "/usr/bin/d-script": Exec(b"#!/bin/d\nexec d-late\n"),
    "/usr/bin/d-late": elf(),
    "/usr/bin/d-su": SetId(b"#!/bin/d\n"),
    "/usr/lib/d/helper": elf(),
    "/usr/share/d/data": "",
}


def test_other_libraries_of_a_package_stay_only_if_something_links_or_names_them() -> None:
    """Those that begin as the one that is kept may be opened by a name put together; the C
    library's are.
    """
    there = "/usr/lib/x86_64-linux-gnu"
    names = (
        "libglib-2.0.so.0",
        "libgio-2.0.so.0",
        "libgobject-2.0.so.0",
        "libglib-parts.so.2",
        "libplug.so",
        "own/libinner.so.1",
    )
    libraries = tuple(f"{there}/{item}" for item in names)
    files: Files = {
        **{item: elf() for item in libraries},
        "/x": elf(needed=("libglib-2.0.so.0",), text=b"\0libgobject-2.0.so.0\0"),
    }
    case = Case(
        files,
        {"/x": Use.EXECUTED},
        (),
        packages=(package(Ecosystem.DEB, "libglib2.0-0", libraries),),
    )
    assert {path for path in libraries if ImagePath(path) in plan_for(case).remove} == {
        f"{there}/libgio-2.0.so.0"
    }
    whole = plan_for(case, Level.PACKAGE)
    assert {ImagePath(path) for path in libraries} <= set(whole.keep)


@pytest.mark.parametrize(
    ("needed", "kept"),
    [
        ((), ("libx-core.so.1", "libx-back.so.1", "libother.so.1")),
        (("libx-core.so.1",), ("libx-core.so.1", "libx-back.so.1")),
    ],
)
def test_libraries_whose_program_is_met_first_stay_as_their_own_say(
    needed: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    """Where none is linked, nothing tells by which name the program opens them: all stay."""
    libraries = tuple(
        f"/usr/lib/{item}" for item in ("libx-core.so.1", "libx-back.so.1", "libother.so.1")
    )
    files: Files = {**{item: elf() for item in libraries}, "/usr/bin/x": elf(needed=needed)}
    plan = plan_for(
        Case(
            files,
            {"/usr/bin/x": Use.EXECUTED},
            (),
            packages=(package(Ecosystem.DEB, "x", ("/usr/bin/x", *libraries)),),
        )
    )
    assert (
        tuple(item.removeprefix("/usr/lib/") for item in libraries if ImagePath(item) in plan.keep)
        == kept
    )


@pytest.mark.parametrize("loader", ["ld-linux-x86-64.so.2", "libc.so.6"])
def test_all_libraries_of_the_c_library_stay(loader: str) -> None:
    libraries = tuple(
        f"/usr/lib/x86_64-linux-gnu/{item}" for item in (loader, "libm.so.6", "libnss_files.so.2")
    )
    files: Files = {**{item: elf() for item in libraries}, "/x": elf(needed=("libm.so.6",))}
    plan = plan_for(
        Case(
            files, {"/x": Use.EXECUTED}, (), packages=(package(Ecosystem.DEB, "libc6", libraries),)
        )
    )
    assert {ImagePath(path) for path in libraries} <= set(plan.keep)


def test_other_commands_of_a_package_stay_only_if_something_names_them() -> None:
    case = Case(
        COMMANDS,
        {"/usr/bin/d": Use.EXECUTED},
        (),
        packages=(package(Ecosystem.DEB, "d", tuple(COMMANDS)),),
    )
    plan = plan_for(case)
    assert plan.keep[ImagePath("/usr/bin/d-agent")].code == "command"
    assert {ImagePath("/usr/lib/d/helper"), ImagePath("/usr/share/d/data")} <= set(plan.keep)
    assert {
        ImagePath(f"/usr/bin/{item}") for item in ("d-word", "d-script", "d-late", "d-su")
    } <= set(plan.remove)


@pytest.mark.parametrize("essential", [False, True])
def test_tools_of_the_system_are_no_daemons(essential: bool) -> None:
    """A source with an essential package is the system's: one of its daemons that ran brings no
    commands of the others.
    """
    unit = "/usr/lib/systemd/system/uuidd.service"
    packages = (
        package(
            Ecosystem.DEB,
            "uuid-runtime",
            ("/usr/bin/uuidgen", "/usr/sbin/uuidd", unit),
            source="util-linux@1",
        ),
        package(Ecosystem.DEB, "fdisk", ("/usr/sbin/fdisk",), source="util-linux@1"),
        package(
            Ecosystem.DEB,
            "util-linux",
            ("/usr/bin/lsblk",),
            source="util-linux@1",
            essential=essential,
        ),
    )
    files: Files = {
        "/usr/bin/uuidgen": elf(),
        "/usr/sbin/uuidd": elf(),
        "/usr/sbin/fdisk": elf(),
        "/usr/bin/lsblk": elf(),
        unit: "",
    }
    plan = plan_for(Case(files, {"/usr/bin/uuidgen": Use.EXECUTED}, (), packages=packages))
    assert ImagePath("/usr/sbin/uuidd") in plan.keep
    assert {
        path: path in plan.keep for path in ("/usr/sbin/fdisk", "/usr/bin/lsblk")
    } == dict.fromkeys(("/usr/sbin/fdisk", "/usr/bin/lsblk"), not essential)


@pytest.mark.parametrize(
    ("started", "text", "kept"),
    [
        (elf(), "/sbin/sysctl --system", False),
        (elf(), "[ -x /usr/bin/kill ] && /sbin/sysctl --system", True),
        (Exec(b"#!/bin/sh\n"), "/sbin/sysctl --system", True),
        (elf(), "/usr/bin/other", True),
    ],
)
def test_a_script_that_starts_another_program_makes_no_daemon_of_a_package(
    started: bytes, text: str, kept: bool
) -> None:
    unit = "/etc/init.d/procps"
    owner = package(
        Ecosystem.DEB, "procps", ("/usr/bin/kill", "/usr/bin/top", "/usr/sbin/sysctl", unit)
    )
    files: Files = {
        "/usr/bin/kill": elf(),
        "/usr/bin/top": elf(),
        "/usr/sbin/sysctl": started,
        "/usr/bin/other": elf(),
        "/sbin": Link("usr/sbin"),
        unit: Exec(f"#!/bin/sh\n{text}\n".encode()),
    }
    plan = plan_for(Case(files, {"/usr/bin/kill": Use.EXECUTED}, (), packages=(owner,)))
    assert (ImagePath("/usr/bin/top") in plan.keep) is kept


def test_a_unit_that_does_not_start_what_ran_makes_no_daemon_of_an_rpm() -> None:
    unit = "/usr/lib/systemd/system/fstrim.service"
    owner = package(
        Ecosystem.RPM,
        "util-linux",
        ("/usr/bin/mount", "/usr/sbin/fdisk", unit),
        source="util-linux@1",
    )
    files: Files = {
        "/usr/bin/mount": elf(),
        "/usr/sbin/fdisk": elf(),
        unit: "[Service]\nExecStart=/usr/sbin/fstrim -av\n",
    }
    plan = plan_for(Case(files, {"/usr/bin/mount": Use.EXECUTED}, (), packages=(owner,)))
    assert ImagePath("/usr/sbin/fdisk") not in plan.keep


@pytest.mark.parametrize(
    ("ran", "text", "kept"),
    [
        (
            "/usr/bin/ssh",
            (
                "ExecStart=/usr/sbin/sshd"
                " -D\nConditionPathExists=!/etc/ssh/sshd_not_to_be_run\nEnvironmentFile=-/etc/default/ssh\n"
            ),
            False,
        ),
        ("/usr/sbin/sshd", "", True),
        ("/usr/lib/ssh/worker", "ExecStart=/usr/lib/ssh/worker\n", True),
        ("/usr/lib/ssh/worker", 'NAME="worker"\nDAEMON=/usr/lib/ssh/${NAME}\n', True),
        ("/usr/lib/ssh/worker", "ExecStart=/usr/bin/worker-link\n", True),
    ],
)
def test_a_client_that_a_server_depends_on_makes_no_daemon_of_it(
    ran: str, text: str, kept: bool
) -> None:
    unit = "/usr/lib/systemd/system/ssh.service"
    packages = (
        package(
            Ecosystem.DEB,
            "openssh-client",
            ("/usr/bin/ssh", "/usr/bin/ssh-add", "/usr/lib/ssh/worker"),
            source="openssh@1",
        ),
        package(
            Ecosystem.DEB,
            "openssh-server",
            ("/usr/sbin/sshd", unit),
            source="openssh@1",
            depends=("openssh-client",),
        ),
    )
    programs: Files = {path: elf() for item in packages for path in item.files if path != unit}
    plan = plan_for(
        Case(
            {**programs, unit: text, "/usr/bin/worker-link": Link("../lib/ssh/worker")},
            {ran: Use.EXECUTED},
            (),
            packages=packages,
        )
    )
    assert {
        path: path in plan.keep for path in ("/usr/sbin/sshd", "/usr/bin/ssh-add")
    } == dict.fromkeys(("/usr/sbin/sshd", "/usr/bin/ssh-add"), kept)


def test_scripts_for_an_interpreter_that_did_not_run_go() -> None:
    packages = (
        package(
            Ecosystem.DEB, "tools", ("/usr/share/tools/x", "/usr/bin/a", "/usr/bin/b", "/usr/bin/c")
        ),
    )
    scripts = {
        "/usr/bin/a": Exec(b"#!/usr/bin/perl\n"),
        "/usr/bin/b": Exec(b"#!/bin/sh\n"),
        "/usr/bin/c": Exec(b"#!/usr/bin/ruby\n"),
    }
    files: Files = {
        "/usr/share/tools/x": "",
        "/usr/bin/perl": elf(),
        "/usr/bin/ruby": elf(),
        "/bin/sh": elf(),
        **scripts,
    }
    used = {
        "/usr/share/tools/x": Use.OPENED,
        "/usr/bin/ruby": Use.EXECUTED,
        "/bin/sh": Use.EXECUTED,
    }
    plan = plan_for(Case(files, used, (), packages=packages))
    assert [path for path in scripts if path in plan.keep] == ["/usr/bin/c"]


def test_a_script_of_a_package_keeps_the_commands_that_it_starts() -> None:
    case = Case(
        COMMANDS,
        {"/usr/bin/d-script": Use.EXECUTED},
        (),
        packages=(package(Ecosystem.DEB, "d", tuple(COMMANDS)),),
    )
    assert ImagePath("/usr/bin/d-late") in plan_for(case).keep


HASHING = """
import sys
from careen.plan.core.rules import load_rules
from careen.plan.store import write_plan
from tests.support.plans import plan_for
from tests.unit.plan.test_toolchain import compiling
sys.stdout.buffer.write(write_plan(plan_for(compiling("torch.compile(g)\\nimport a, b\\n"), rules=load_rules())))
"""


def test_two_processes_with_other_hash_seeds_write_the_same_plan() -> None:
    here = str(Path(__file__).parents[3])
    plans = [
        run(
            (sys.executable, "-c", HASHING),
            timeout=60,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": here},
        ).stdout
        for seed in ("1", "2")
    ]
    assert plans[0] == plans[1]
    assert len(plans[0]) > 1000


def named_by(program: Exec, words: tuple[str, ...]) -> set[str]:
    """The other commands of its package that a program keeps."""
    files: Files = {"/usr/bin/d": program, **{f"/usr/bin/{item}": elf() for item in words}}
    plan = plan_for(
        Case(
            files,
            {"/usr/bin/d": Use.EXECUTED},
            (),
            packages=(package(Ecosystem.DEB, "d", tuple(files)),),
        )
    )
    return {item for item in words if ImagePath(f"/usr/bin/{item}") in plan.keep}


def test_a_name_in_the_dynamic_string_table_is_no_command() -> None:
    assert named_by(elf(leftovers=("free", "snprintf")), ("free", "snprintf")) == set()
    assert named_by(
        elf(leftovers=("free", "execvp"), text=b"\0snprintf\0"), ("free", "snprintf")
    ) == {"snprintf"}


@pytest.mark.parametrize(
    ("text", "linked", "kept"),
    [
        (b"\0pip\0", ("libc_start", "execvp"), True),
        (b"\0/usr/bin/pip\0", ("posix_spawn",), True),
        (b"\0pip\0", ("libc_start",), False),
        (b"\0--pip\0", ("execvp",), False),
        (b"\0pipe pip\0", ("execvp",), False),
        (b"\0pip\0", (), True),
    ],
)
def test_a_short_word_counts_alone_and_where_programs_are_started(
    text: bytes, linked: tuple[str, ...], kept: bool
) -> None:
    assert named_by(elf(leftovers=linked, text=text), ("pip",)) == ({"pip"} if kept else set())


def test_a_letter_is_no_program_in_compiled_bytes() -> None:
    assert named_by(elf(leftovers=("fopen", "execvp"), text=b"\0w\0"), ("w",)) == set()


def test_tables_of_strings_that_overlap_are_passed_over_once() -> None:
    data = (
        b"\x7fELF\x02\x01\x01"
        + bytes(9)
        + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0, 0, 128, 0, 64, 56, 0, 64, 1000, 0)
        + bytes(64)
    )
    tables = struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, 128, 1 << 40, 0, 0, 0, 0) * 1000
    assert arguments_of(data + tables + b"\0snprintf\0", (0, 0)) == set()
    assert arguments_of(data[:40] + bytes(88) + tables + b"\0snprintf\0", (0, 0)) == {b"snprintf"}
