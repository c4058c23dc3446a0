"""What a script of the application names in ways of its own: files that it reads in, and defaults of
its variables.
"""

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from tests.support.plans import Case, Files, elf, package, plan_for

SITE = "/usr/lib/python3.11/site-packages"
LATE = f"{SITE}/late/m.py"


def kept(script: str, *, path: str = "/app/run.sh", **beside: str) -> set[str]:
    """Which of a command and a distribution stay; `beside` are further files of the application."""
    files: Files = {
        "/app/main.py": "",
        path: script,
        **{f"/app/{name}": text for name, text in beside.items()},
        "/usr/bin/sox": elf(),
        "/usr/bin/lame": elf(),
        f"{SITE}/late/__init__.py": "",
        LATE: "",
    }
    late = package(Ecosystem.PYPI, "late", (f"{SITE}/late/__init__.py", LATE), modules=("late",))
    plan = plan_for(
        Case(files, {"/app/main.py": Use.OPENED}, (), packages=(late,), run={"WorkingDir": "/app"})
    )
    return {
        path for path in ("/usr/bin/sox", "/usr/bin/lame", LATE) if ImagePath(path) in plan.keep
    }


@pytest.mark.parametrize("line", ['. "$(dirname "$0")/common"', "source /app/common", ". ./common"])
def test_a_file_of_the_application_is_a_script_if_one_reads_it(line: str) -> None:
    found = kept(
        f"#!/bin/sh\n{line}\n",
        common=". ./more.inc\nx() { sox a; }\n",
        **{"more.inc": "lame b\npython -m late.m\n"},
    )
    assert found == {"/usr/bin/sox", "/usr/bin/lame", LATE}


def test_files_that_read_each_other_end() -> None:
    found = kept("#!/bin/sh\n. ./a\n", a=". ./b\n", b=". ./a\n. ./b\nsox x\n")
    assert found == {"/usr/bin/sox"}


def test_a_file_that_no_script_reads_is_none() -> None:
    assert kept("#!/bin/sh\n", common="sox a\n") == set()


@pytest.mark.parametrize(
    "line",
    [
        "uvicorn ${APP:-late.m:app}",
        "exec python -m ${MODULE:-late.m}",
    ],
)
def test_the_default_of_a_variable_names_a_module(line: str) -> None:
    assert kept(f"#!/bin/sh\n{line}\n") == {LATE}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/app/model/MLmodel", "flavors:\n  python_function:\n    loader_module: late.m\n"),
        ("/app/model/config.pbtxt", 'parameters { value { string_value: "late.m.Model" } }\n'),
        ("/app/job.textproto", 'class_name: "late.m.Job"\n'),
    ],
)
def test_settings_of_model_servers_name_modules(path: str, text: str) -> None:
    assert kept(text, path=path) == {LATE}


@pytest.mark.parametrize(
    "source",
    [
        "BashOperator(bash_command='sox a b && lame c')\n",
        "ShellOperation(commands=['sox a && lame b'])\n",
    ],
)
def test_a_workflow_starts_programs_by_its_operators(source: str) -> None:
    assert kept(source, path="/app/dag.py") == {"/usr/bin/sox", "/usr/bin/lame"}
