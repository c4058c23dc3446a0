"""What one mechanism learns late is news to those before it; and texts that are no Unicode end no
plan.
"""

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from tests.support.plans import Case, Files, elf, package, plan_for

GO = elf(text=b"\xff Go buildinf:\0os/exec.(*Cmd).Start\0runtime.main\0")
COMMANDS = ("qpdf", "pdftoppm", "ffmpeg")
SITE = "/usr/lib/python3.11/site-packages"


def test_a_program_that_starts_others_gives_a_table_beside_it_its_meaning() -> None:
    files: Files = {
        "/app/server": GO,
        "/app/tools.yaml": "".join(f"- {name}\n" for name in COMMANDS),
        **{f"/usr/bin/{name}": elf() for name in COMMANDS},
    }
    run = {"WorkingDir": "/app", "Entrypoint": ["/app/server"], "Env": ["PATH=/usr/bin"]}
    plan = plan_for(Case(files, {"/app/server": Use.EXECUTED}, (), run=run))
    assert {ImagePath(f"/usr/bin/{name}") for name in COMMANDS} <= set(plan.keep)


def test_names_and_variables_that_are_no_unicode_end_no_plan() -> None:
    odd = f"{SITE}/\udcff/x.py"
    files: Files = {
        odd: "",
        f"{SITE}/a/__init__.py": "import b\n",
        f"{SITE}/a/x.cpython-311-x86_64-linux-gnu.so": elf(text=b"\0PyImport_ImportModule\0b\0"),
        "/usr/bin/python3.11": elf(),
    }
    packages = (
        package(Ecosystem.PYPI, "odd", (odd,), modules=("\udcff",)),
        package(
            Ecosystem.PYPI,
            "a",
            (f"{SITE}/a/__init__.py", f"{SITE}/a/x.cpython-311-x86_64-linux-gnu.so"),
            modules=("a",),
        ),
    )
    used = {"/usr/bin/python3.11": Use.EXECUTED, f"{SITE}/a/__init__.py": Use.OPENED}
    run = {"WorkingDir": "/app", "Env": ["X=\ud800", "PATH=/usr/bin"], "Cmd": ["\udfff"]}
    plan = plan_for(Case(files, used, (), packages=packages, run=run))
    assert ImagePath(f"{SITE}/a/__init__.py") in plan.keep
