"""Byte code that stays: of what the application imports, wherever in its source, with what that
imports when it is loaded.
"""

from dataclasses import replace

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.plan import Level
from careen.model.runs.trace import Use
from careen.plan.scanners.import_statements import import_statements, imports
from tests.support.plans import Case, Files, package, plan_for
from tests.support.trees import Exec

SITE = "/usr/lib/python3.11/site-packages"
SOURCES = {
    "web/__init__.py": (
        "from . import server as _s\nfrom .names import (\n    A,  # (first)\n    B,\n)\n"
    ),
    "web/server.py": "def fail():\n    from . import errors\n",
    "web/names.py": "",
    "web/errors.py": "",
    "web/late/__init__.py": "",
    "web/late/report.py": "import wire.text, wire.table as t\n",
    "web/late/other.py": "",
    "wire/__init__.py": "",
    "wire/text.py": "if True:\n    import wire.never\n",
    "wire/table.py": "from ..up import x\n",
    "wire/never.py": "",
}


def cached(source: str) -> str:
    folder, _, base = source.rpartition("/")
    return f"{SITE}/{folder}/__pycache__/{base.removesuffix('.py')}.cpython-311.pyc"


FILES: Files = {
    "/usr/lib/python3.11/os.py": "",
    "/usr/lib/python3.11/encodings/__init__.py": "",
    **{f"{SITE}/{path}": text for path, text in SOURCES.items()},
    **{cached(path): "b" for path in SOURCES},
}
PACKAGES = tuple(
    package(
        Ecosystem.PYPI,
        item,
        tuple(path for path in FILES if path.startswith(f"{SITE}/{item}/")),
        modules=(item,),
    )
    for item in ("web", "wire")
)
APPLICATION = "import web\n\ndef report():\n    from web.late import report\n"


def case(files: Files | None = None) -> Case:
    used = {f"{SITE}/web/__init__.py": Use.OPENED, "/app/main.py": Use.OPENED}
    return Case(
        {**FILES, **(files or {"/app/main.py": APPLICATION})},
        used,
        (),
        run={"WorkingDir": "/app"},
        packages=PACKAGES,
    )


def kept(one: Case) -> set[str]:
    plan = plan_for(one)
    return {path for path in SOURCES if ImagePath(cached(path)) in plan.keep}


def test_byte_code_of_what_the_application_imports_stays() -> None:
    loaded = {
        "web/__init__.py",
        "web/server.py",
        "web/names.py",
        "web/late/__init__.py",
        "web/late/report.py",
    }
    assert kept(case()) == loaded | {"wire/__init__.py", "wire/text.py", "wire/table.py"}


def test_byte_code_that_no_import_of_the_application_loads_goes() -> None:
    assert kept(case({"/app/main.py": "import web\n"})) == {
        "web/__init__.py",
        "web/server.py",
        "web/names.py",
    }


def test_a_script_of_the_application_counts() -> None:
    script = Exec(
        b"#!/usr/bin/env python3\ntry:\n    from web import errors\nexcept ImportError:\n    pass\n"
    )
    assert "web/errors.py" in kept(case({"/app/main.py": "", "/app/tool": script}))


def test_the_plan_says_who_imports_it() -> None:
    reason = plan_for(case()).keep[ImagePath(cached("web/late/report.py"))]
    assert reason.code == "byte-code"
    assert reason.detail == "byte code of web.late.report, which /app/main.py imports"
    assert reason.because == f"{SITE}/web/late/report.py"


def test_at_observed_none_of_it_stays() -> None:
    assert kept(replace(case(), level=Level.OBSERVED)) == set()


@pytest.mark.parametrize(
    ("source", "names"),
    [
        (b"import a.b as c, d\n", {"a.b", "d"}),
        (b"from a import b, c as d # e\n", {"a", "a.b", "a.c"}),
        (b"from a import (\n b,\n c\n)\n", {"a", "a.b", "a.c"}),
        (b"from a import b, \\\n  c\n", {"a", "a.b", "a.c"}),
        (b"from . import b\n", {"p.q", "p.q.b"}),
        (b"from .. import b\n", {"p", "p.b"}),
        (b"from ..r import b\n", {"p.r", "p.r.b"}),
        (b"from .... import b\n", set()),
        (b"  import a\n", set()),
        (b"x = 'import a'\n", set()),
    ],
)
def test_names_in_import_statements(source: bytes, names: set[str]) -> None:
    assert set(imports(import_statements(source, everywhere=False), "p.q")) == names


def test_a_statement_of_the_greatest_length_leaves_the_next_one() -> None:
    source = b"from a import " + b"x" * 1999 + b"\\\nimport os\n"
    assert "os" in set(imports(import_statements(source, everywhere=False), "p"))


@pytest.mark.parametrize(
    "line",
    [
        b"from a import (\n",
        b"from a import b,\\\n",
        b"import " + b"a," * 500 + b"\n",
        b"from " + b"." * 200 + b" import x\n",
        b" \t" * 500,
    ],
)
def test_a_hostile_source_is_read_in_one_go(line: bytes) -> None:
    assert len(list(imports(import_statements(line * 2000, everywhere=True), "p"))) <= 2_000_000


def test_byte_code_of_a_large_source_stays_whoever_imports_it() -> None:
    table = f"{SITE}/wire/table.py"
    large = "NAMES = {}\n".ljust((1 << 20) + 1, "#")
    found = kept(case({"/app/main.py": "import wire.text\n", table: large}))
    assert "wire/table.py" in found
    assert "wire/never.py" not in found
