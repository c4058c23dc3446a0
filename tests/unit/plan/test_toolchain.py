"""Which parts of a compiler stay, and for whom: the include graph of generated code, its tools, and
all of it for code of the user's own.
"""

from dataclasses import replace

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from careen.plan.mechanisms.by_rule.headers import included, named_headers
from tests.support.plans import Case, Files, elf, package, plan_for
from tests.support.trees import Link

RULES = load_rules()
SITE = "/usr/lib/python3.11/site-packages"
GCC = "/usr/lib/gcc/x86_64-linux-gnu/14"
TOOLS = "/usr/libexec/gcc/x86_64-linux-gnu/14"
HEADERS = f"{SITE}/torch/include"
GENERATOR = 'PREFIX = """\n#include <top.h>\n"""\nX = f"shims/{device}.h"\nY = f"{anything}.h"\n'

FILES: Files = {
    "/usr/lib/python3.11/os.py": "",
    "/usr/lib/python3.11/encodings/__init__.py": "",
    f"{SITE}/torch/__init__.py": "",
    f"{SITE}/torch/_inductor/codegen.py": GENERATOR,
    f"{HEADERS}/top.h": (
        '#if NEVER\n  #  include "deep/first.h"\n#endif\n#include <vector>\n// #include'
        " <commented.h>\n"
    ),
    f"{HEADERS}/deep/first.h": '#include "second.h"\n#include <missing.h>\n',
    f"{HEADERS}/deep/second.h": "#include <stdio.h>\n#include <deep/first.h>\n",
    f"{HEADERS}/shims/cpu.h": "",
    f"{HEADERS}/commented.h": "",
    f"{HEADERS}/unreached.h": "",
    "/usr/include/c++/14/vector": "#include_next <stdio.h>\n",
    "/usr/include/c++/14/deque": "",
    "/usr/include/stdio.h": Link("real/stdio.h"),
    "/usr/include/real/stdio.h": "#include <asm/errno.h>\n",
    "/usr/include/asm/errno.h": Link("/usr/lib/linux/uapi/x86/asm/errno.h"),
    "/usr/lib/linux/uapi/x86/asm/errno.h": "",
    "/usr/lib/linux/uapi/mips/asm/errno.h": "",
    "/usr/include/stdc-predef.h": "",
    "/usr/include/linux/bpf.h": "",
    "/usr/bin/g++": Link("g++-14"),
    "/usr/bin/g++-14": elf(),
    "/usr/bin/gcov-14": elf(),
    "/usr/bin/ld": elf(),
    "/usr/bin/readelf": elf(),
    f"{TOOLS}/cc1plus": elf(),
    f"{TOOLS}/cc1": elf(),
    f"{TOOLS}/lto1": elf(),
    f"{TOOLS}/lto-wrapper": elf(),
    "/usr/bin/cpp-14": elf(),
    "/usr/bin/cpp": Link("cpp-14"),
    "/usr/lib/x86_64-linux-gnu/libopcodes-2.44-system.so": elf(),
    f"{GCC}/libgcc.a": "a",
    f"{GCC}/crtbeginS.o": "o",
    f"{GCC}/libgomp.a": "a",
    "/usr/lib/x86_64-linux-gnu/libc.a": "a",
    "/usr/lib/x86_64-linux-gnu/libc_nonshared.a": "a",
    "/usr/lib/x86_64-linux-gnu/libpthread.a": "a",
}
COMPILER = (
    "/usr/bin/g++",
    "/usr/bin/g++-14",
    "/usr/bin/ld",
    f"{TOOLS}/cc1plus",
    f"{GCC}/libgcc.a",
    f"{GCC}/crtbeginS.o",
)
LINKED = ("/usr/lib/x86_64-linux-gnu/libc_nonshared.a", "/usr/lib/x86_64-linux-gnu/libpthread.a")
REACHED = tuple(
    f"{HEADERS}/{item}" for item in ("top.h", "deep/first.h", "deep/second.h", "shims/cpu.h")
)
SYSTEM = (
    "/usr/include/c++/14/vector",
    "/usr/include/stdio.h",
    "/usr/include/real/stdio.h",
    "/usr/include/stdc-predef.h",
    "/usr/include/asm/errno.h",
    "/usr/lib/linux/uapi/x86/asm/errno.h",
)
UNREACHED = (
    f"{HEADERS}/unreached.h",
    f"{HEADERS}/commented.h",
    "/usr/include/c++/14/deque",
    "/usr/include/linux/bpf.h",
    "/usr/lib/linux/uapi/mips/asm/errno.h",
)
NOT_LINKED = (f"{GCC}/libgomp.a", "/usr/lib/x86_64-linux-gnu/libc.a")
ASIDE = (
    "/usr/bin/gcov-14",
    "/usr/bin/readelf",
    f"{TOOLS}/lto1",
    f"{TOOLS}/lto-wrapper",
    "/usr/lib/x86_64-linux-gnu/libopcodes-2.44-system.so",
)
C_ALONE = (f"{TOOLS}/cc1", "/usr/bin/cpp", "/usr/bin/cpp-14")
PACKAGES = (
    package(
        Ecosystem.PYPI,
        "torch",
        tuple(path for path in FILES if "/torch/" in path),
        modules=("torch",),
    ),
    package(
        Ecosystem.DEB,
        "g++",
        tuple(path for path in FILES if path.startswith(("/usr/bin", TOOLS, GCC))),
        depends=("libc6-dev",),
    ),
    package(
        Ecosystem.DEB,
        "libc6-dev",
        tuple(
            path
            for path in FILES
            if path.startswith(("/usr/include", "/usr/lib/x86_64", "/usr/lib/linux"))
        ),
    ),
)


def compiling(source: str, **more: object) -> Case:
    used = {f"{SITE}/torch/__init__.py": Use.OPENED, "/app/m.py": Use.OPENED}
    return replace(
        Case(
            {**FILES, "/app/m.py": source},
            used,
            (),
            run={"WorkingDir": "/app"},
            packages=PACKAGES,
            rules=RULES,
        ),
        **more,  # type: ignore[arg-type]
    )


def missing(case: Case, paths: tuple[str, ...]) -> list[str]:
    plan = plan_for(case)
    return [path for path in paths if ImagePath(path) not in plan.keep]


def test_generated_code_keeps_the_compiler_and_the_headers_that_it_reaches() -> None:
    assert (
        missing(compiling("f = torch.compile(g)\n"), (*COMPILER, *LINKED, *REACHED, *SYSTEM)) == []
    )


def test_generated_code_keeps_no_other_header_archive_or_tool() -> None:
    gone = (*UNREACHED, *NOT_LINKED, *ASIDE, *C_ALONE)
    assert missing(compiling("f = torch.compile(g)\n"), gone) == list(gone)


@pytest.mark.parametrize(
    "source",
    ["from torch.utils.cpp_extension import load\ntorch.compile(g)\n", "load_inline('x', SRC)\n"],
)
def test_code_of_the_users_own_keeps_every_header(source: str) -> None:
    assert (
        missing(compiling(source), (*COMPILER, *LINKED, *REACHED, *SYSTEM, *UNREACHED, *C_ALONE))
        == []
    )


@pytest.mark.parametrize(
    "source",
    [
        "torch.compile(g)\nsubprocess.run(['gcc', 'x.c'])\n",
        "torch.compile(g)\nimport cffi\n",
        "torch.compile(g)\naoti_compile_and_package(p)\n",
    ],
)
def test_the_c_compiler_proper_stays_when_something_else_may_compile_c(source: str) -> None:
    assert missing(compiling(source), C_ALONE) == []


@pytest.mark.parametrize("source", ["torch.compile(g)\n", ""])
def test_a_library_that_compiles_its_operators_late_keeps_the_compiler_and_every_header(
    source: str,
) -> None:
    late = (f"{SITE}/deepspeed/__init__.py", f"{SITE}/deepspeed/ops/op_builder/cpu/comm.py")
    case = compiling(
        f"import deepspeed\n{source}",
        packages=(*PACKAGES, package(Ecosystem.PYPI, "deepspeed", late, modules=("deepspeed",))),
    )
    assert (
        missing(
            replace(case, files={**case.files, **dict.fromkeys(late, "")}),
            (*COMPILER, *LINKED, *REACHED, *SYSTEM, *UNREACHED),
        )
        == []
    )


def test_a_compiler_that_ran_keeps_its_headers() -> None:
    case = compiling("torch.compile(g)\n")
    assert (
        missing(
            replace(case, used={**case.used, "/usr/bin/g++-14": Use.EXECUTED}),
            (*UNREACHED, *COMPILER),
        )
        == []
    )


def test_a_compiler_that_is_named_keeps_what_it_runs() -> None:
    assert (
        missing(
            compiling("subprocess.run(['g++', 'x.cc'])\n"), (*COMPILER, "/usr/include/linux/bpf.h")
        )
        == []
    )


def test_a_compiler_that_others_call_finds_the_headers_of_torch() -> None:
    assert missing(compiling("subprocess.run(['g++', 'x.cc'])\n"), UNREACHED) == []


def test_a_compiler_for_generated_code_and_for_others_finds_the_headers_of_torch() -> None:
    assert (
        missing(compiling("torch.compile(g)\nsubprocess.run(['g++', 'x.cc'])\n"), UNREACHED) == []
    )


def test_without_a_reason_to_compile_nothing_of_it_stays() -> None:
    everything = (*COMPILER, *LINKED, *REACHED, *SYSTEM, *UNREACHED)
    assert missing(compiling("print(1)\n"), everything) == list(everything)


def test_header_names_in_a_generator() -> None:
    source = b"""A = '#include <a/b>'\nB = "c.h"\nC = f'd/{x.y}.hpp'\nD = f"{x}.h"\nE = "../up.h"\nF = "words and g.h"\nG = 'h.cuh'"""
    assert named_headers(source) == {"a/b", "c.h", "d/*.hpp", "h.cuh"}


def test_includes_of_a_header() -> None:
    assert included(
        b'#include <a>\n\t#  include_next "b/c.h"\nx #include <d>\n//#include <e>\n#include MACRO\n'
    ) == {"a", "b/c.h"}
