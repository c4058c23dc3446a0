"""The closure does not hang on chance: a file that only some runs of a workload touch is kept in
all of them.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.plan import Plan
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from careen.tools.process import check
from tests.support.plans import Case, Files, elf, package, plan_for
from tests.support.trees import Exec, Link

pytestmark = pytest.mark.slow

RULES = load_rules()
ROOT = Path(__file__).parents[3]
LIB, SITE = "/usr/lib/python3.11", "/usr/lib/python3.11/site-packages"
OWNERS = (
    package(
        Ecosystem.PYPI,
        "web",
        tuple(
            f"{SITE}/web/{item}"
            for item in ("__init__.py", "server.py", "errors.py", "native.abi3.so")
        ),
        modules=("web",),
        depends=("wire",),
    ),
    package(
        Ecosystem.PYPI,
        "wire",
        tuple(f"{SITE}/wire/{item}" for item in ("__init__.py", "late.py")),
        modules=("wire",),
    ),
    package(Ecosystem.DEB, "probe", ("/usr/bin/probe", "/usr/share/probe/words")),
    package(Ecosystem.DEB, "base", ("/usr/bin/sh", "/usr/bin/env", "/usr/bin/date")),
)
FILES: Files = {
    "/usr/bin/python3": Link("python3.11"),
    "/usr/bin/python3.11": elf(("libz9.so",)),
    "/usr/lib/libz9.so": elf(),
    f"{LIB}/os.py": "",
    f"{LIB}/encodings/__init__.py": "",
    f"{LIB}/encodings/idna.py": "",
    f"{LIB}/traceback.py": "",
    f"{LIB}/__pycache__/os.cpython-311.pyc": "o",
    f"{LIB}/__pycache__/traceback.cpython-311.pyc": "t",
    f"{LIB}/encodings/__pycache__/idna.cpython-311.pyc": "i",
    f"{SITE}/web/__init__.py": "from . import server",
    f"{SITE}/web/server.py": "def fail():\n    from web import errors\n",
    f"{SITE}/web/errors.py": "import wire.late",
    f"{SITE}/web/native.abi3.so": elf(("libnative9.so",), runpath="$ORIGIN/../web.libs"),
    f"{SITE}/web.libs/libnative9.so": elf(),
    f"{SITE}/wire/__init__.py": "",
    f"{SITE}/wire/late.py": "",
    "/app/main.py": "import web\n",
    "/app/report.py": "",
    "/app/run.sh": Exec(b"#!/usr/bin/env sh\ndate\nexec python3 /app/main.py\n"),
    "/usr/bin/sh": elf(),
    "/usr/bin/env": elf(),
    "/usr/bin/date": elf(),
    "/usr/bin/probe": Exec(b"#!/bin/sh\nread x < /usr/share/probe/words\ndate\n"),
    "/bin": Link("usr/bin"),
    "/usr/share/probe/words": "",
    "/usr/share/unused/x": "",
}
ALWAYS = ("/app/run.sh", "/usr/bin/python3.11")
USED: Mapping[str, Use] = {
    **dict.fromkeys(ALWAYS, Use.EXECUTED),
    **dict.fromkeys(
        ("/usr/bin/sh", "/usr/bin/env", "/usr/bin/date", "/usr/bin/probe"), Use.EXECUTED
    ),
    **dict.fromkeys(
        [
            path
            for path in FILES
            if path.endswith((".py", "words"))
            or path == f"{LIB}/__pycache__/traceback.cpython-311.pyc"
        ],
        Use.OPENED,
    ),
    f"{LIB}/__pycache__/os.cpython-311.pyc": Use.OPENED,
    f"{LIB}/encodings/__pycache__/idna.cpython-311.pyc": Use.OPENED,
    **dict.fromkeys([path for path in FILES if ".so" in path], Use.MAPPED),
}
RUN = {
    "WorkingDir": "/app",
    "Entrypoint": ["/app/run.sh"],
    "Healthcheck": {"Test": ["CMD", "probe"]},
}


def plan_of(used: Mapping[str, Use]) -> Plan:
    return plan_for(Case(FILES, used, (), packages=OWNERS, run=RUN, rules=RULES))


@pytest.mark.parametrize("missing", sorted(USED.keys() - set(ALWAYS)))
def test_one_observation_less_gives_the_same_kept_paths(missing: str) -> None:
    fewer = {path: use for path, use in USED.items() if path != missing}
    assert plan_of(fewer).keep.keys() == plan_of(USED).keep.keys()


def test_what_must_run_is_enough_but_for_byte_code() -> None:
    """The entrypoint, its Python, and one compiled module of the standard library show all that the
    other observations showed.
    """
    least = dict.fromkeys(ALWAYS, Use.EXECUTED) | {
        f"{LIB}/__pycache__/os.cpython-311.pyc": Use.OPENED
    }
    assert plan_of(least).keep.keys() == plan_of(USED).keep.keys()


def test_the_order_of_observations_is_nothing() -> None:
    assert plan_of(dict(sorted(USED.items(), reverse=True))) == plan_of(USED)


def test_a_path_that_nothing_needs_goes_all_the_same() -> None:
    assert ImagePath("/usr/share/unused/x") in plan_of(USED).remove


_PLANNED_AGAIN = """
from careen.model.packages.package import Ecosystem
from careen.model.runs.trace import Use
from tests.support.plans import Case, elf, package, plan_for

SITE = "/usr/lib/python3.11/site-packages"
names = [f"m{number}" for number in range(12)]
files = {
    "/usr/bin/python3.11": elf(),
    "/app/main.py": "import web\\n",
    f"{SITE}/web/__init__.py": "".join(f"'web.{name}'\\n" for name in names),
    **{f"{SITE}/web/{name}.py": "import wire\\n" for name in names},
    f"{SITE}/wire/__init__.py": "",
}
owners = tuple(
    package(
        Ecosystem.PYPI,
        top,
        tuple(path for path in files if path.startswith(f"{SITE}/{top}/")),
        modules=(top,),
    )
    for top in ("web", "wire")
)
used = {"/usr/bin/python3.11": Use.EXECUTED, "/app/main.py": Use.OPENED}
run = {"WorkingDir": "/app", "Cmd": ["python3.11", "main.py"]}
plan = plan_for(Case(files, used, (), packages=owners, run=run))
print(*(f"{path}: {reason}" for path, reason in plan.keep.items()), sep="\\n")
"""


def test_the_reasons_are_the_same_whatever_order_a_set_has() -> None:
    said = {
        check(
            [
                "env",
                f"PYTHONHASHSEED={seed}",
                f"PYTHONPATH={ROOT}",
                sys.executable,
                "-c",
                _PLANNED_AGAIN,
            ],
            timeout=60,
            doing="planning",
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(said) == 1
    assert f"{SITE}/wire/__init__.py".encode() in said.pop()
