"""Extension modules of the standard library that link other packages' libraries: which stay."""

from collections.abc import Mapping

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.plan import Level
from careen.model.runs.trace import Use
from tests.support.plans import Case, Files, elf, package, plan_for
from tests.support.trees import Exec

HOME = "/usr/local/lib/python3.11"
SITE = f"{HOME}/site-packages"
NIS = f"{HOME}/lib-dynload/nis.cpython-311-x86_64-linux-gnu.so"
ZLIB = f"{HOME}/lib-dynload/zlib.cpython-311-x86_64-linux-gnu.so"
CMATH = f"{HOME}/lib-dynload/cmath.cpython-311-x86_64-linux-gnu.so"
TIRPC, ZIP, LIBM = "/usr/lib/libtirpc.so.3", "/usr/lib/libz.so.1", "/usr/lib/libm.so.6"
FILES: Files = {
    "/usr/local/bin/python3.11": elf(),
    f"{HOME}/os.py": "",
    f"{HOME}/encodings/__init__.py": "",
    f"{HOME}/gzip.py": "import struct, sys\nimport zlib\n",
    NIS: elf(("libtirpc.so.3", "libm.so.6")),
    ZLIB: elf(("libz.so.1",)),
    CMATH: elf(("libm.so.6",)),
    TIRPC: elf(("libgssapi.so.2",)),
    "/usr/lib/libgssapi.so.2": elf(),
    ZIP: elf(),
    LIBM: elf(),
    "/usr/lib/ld-linux-x86-64.so.2": elf(),
    f"{SITE}/lists/__init__.py": "STANDARD = {'nis', 'zlib'}  # names of modules\n",
    f"{SITE}/lists/never.py": "",
}
LISTS = (f"{SITE}/lists/__init__.py", f"{SITE}/lists/never.py")
DEB = Ecosystem.DEB
PACKAGES = (
    package(DEB, "libtirpc3", (TIRPC,)),
    package(DEB, "libgssapi2", ("/usr/lib/libgssapi.so.2",)),
    package(DEB, "zlib1g", (ZIP,)),
    package(DEB, "libc6", (LIBM, "/usr/lib/ld-linux-x86-64.so.2")),
)
USED = {"/usr/local/bin/python3.11": Use.EXECUTED, LISTS[0]: Use.OPENED}


def kept(
    more: Files | None = None,
    *,
    level: Level = Level.CLOSURE,
    used: Mapping[str, Use] | None = None,
    modules: tuple[str, ...] = LISTS,
    command: str = "python3.11",
) -> set[str]:
    files = {**FILES, **(more or {})}
    uses = {**USED, **{path: Use.OPENED for path in files if path.startswith("/app/")}}
    lists = package(Ecosystem.PYPI, "lists", modules, modules=("lists",))
    return set(
        plan_for(
            Case(
                files,
                {**uses, **(used or {})},
                (),
                packages=(*PACKAGES, lists),
                run={"WorkingDir": "/app", "Cmd": ["sh", "-c", command]},
                level=level,
            )
        ).keep
    )


def test_one_that_nothing_imports_goes_with_its_libraries_and_the_others_stay() -> None:
    gone = {NIS, TIRPC, "/usr/lib/libgssapi.so.2"}
    assert kept().isdisjoint(gone)
    assert {ZLIB, ZIP, CMATH, LIBM, f"{HOME}/gzip.py"} <= kept()
    assert gone <= kept(level=Level.PACKAGE)


COMPILED = elf(text=b"\0PyImport_ImportModule\0nis\0")


@pytest.mark.parametrize(
    "more",
    [
        {"/app/main.py": "def f():\n    import nis\n"},
        {"/app/main.py": "import importlib\nBACKEND = 'nis'\n"},
        {"/app/job.py": "from nis import match\n"},
        {"/app/run.sh": Exec(b"#!/bin/sh\npython3.11 -c 'import nis; nis.maps()'\n")},
        {LISTS[1]: "try:\n    import nis\nexcept ImportError:\n    nis = None\n"},
        {LISTS[1]: "m = import_module('nis')\n"},
        {f"{HOME}/late.py": "def f():\n    import nis\n"},
        {f"{SITE}/old/__init__.py": "import nis\n", "/app/main.py": "import old\n"},
    ],
)
def test_one_that_kept_code_imports_late_stays_with_its_libraries(more: Files) -> None:
    assert {NIS, TIRPC, "/usr/lib/libgssapi.so.2"} <= kept(more)


def test_one_that_compiled_code_imports_stays() -> None:
    module = f"{SITE}/lists/fast.cpython-311-x86_64-linux-gnu.so"
    assert NIS in kept({module: COMPILED}, modules=(*LISTS, module))
    assert NIS not in kept({module: elf(text=b"\0nis\0")}, modules=(*LISTS, module))


def test_one_that_byte_code_without_a_source_names_stays() -> None:
    assert NIS in kept({f"{HOME}/late.pyc": b"\xa7\r\r\nz\x03nisz"})
    assert NIS not in kept({f"{HOME}/late.pyc": b"\xa7\r\r\nz\x03zipz"})


def test_one_that_was_used_or_that_a_command_line_imports_stays() -> None:
    assert NIS in kept(used={NIS: Use.MAPPED})
    assert NIS in kept(command="python3.11 -c 'import nis'")


def test_where_users_type_code_all_stay() -> None:
    specification = "/usr/local/share/jupyter/kernels/python3/kernel.json"
    files: Files = {specification: '{"argv": ["/usr/local/bin/python3.11", "-m", "kernel"]}'}
    assert NIS in kept(files, used={specification: Use.OPENED})


def test_one_that_only_a_source_that_goes_imports_goes() -> None:
    assert NIS not in kept({f"{SITE}/other/__init__.py": "import nis\n"})


def test_the_plan_names_who_imports_it() -> None:
    files: Files = {**FILES, "/app/main.py": "import nis\n"}
    plan = plan_for(
        Case(
            files,
            {**USED, "/app/main.py": Use.OPENED},
            (),
            packages=PACKAGES,
            run={"WorkingDir": "/app"},
        )
    )
    reason = plan.keep[ImagePath(NIS)]
    assert reason.because == "/app/main.py"
    assert reason.detail == "nis of the standard library, which /app/main.py imports"
