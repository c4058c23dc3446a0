"""Distributions for code that nobody has written yet, and for groups of entry points by name."""

from dataclasses import replace

import pytest

from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from tests.support.plans import Case, Files, package, plan_for

SITE = "/usr/local/lib/python3.11/site-packages"
RUNS = "def tool(code):\n    exec(code, {})\n"


def of_site(
    name: str, *, requested: bool = False, depends: tuple[str, ...] = (), groups: str = ""
) -> tuple[Package, Files]:
    record = f"{SITE}/{name}-1.dist-info"
    texts = {f"{record}/RECORD": "", **({f"{record}/REQUESTED": ""} if requested else {})}
    texts |= {f"{record}/entry_points.txt": groups} if groups else {}
    module = f"{SITE}/{name}/__init__.py"
    made = package(
        Ecosystem.PYPI,
        name,
        (module, *texts),
        modules=(name,),
        metadata=tuple(map(ImagePath, texts)),
        depends=depends,
    )
    return replace(made, record=ImagePath(f"{record}/RECORD")), {module: "", **texts}


def kept(
    source: str,
    *distributions: tuple[Package, Files],
    path: str = "/app/main.py",
    variables: tuple[str, ...] = (),
) -> set[str]:
    files: Files = {path: source}
    for _, texts in distributions:
        files = {**files, **texts}
    case = Case(
        files,
        {path: Use.OPENED},
        (),
        packages=tuple(each for each, _ in distributions),
        run={"WorkingDir": "/app", "Env": list(variables)},
    )
    plan = plan_for(case)
    return {
        each.name
        for each, _ in distributions
        if ImagePath(f"{SITE}/{each.name}/__init__.py") in plan.keep
    }


@pytest.mark.parametrize(
    "source",
    [
        RUNS,
        "exec(compile(code, '<tool>', 'exec'), names)\n",
        "subprocess.run([sys.executable, '-c', code])\n",
        "subprocess.run(['python', '-'], input=code)\n",
        "with tempfile.TemporaryDirectory() as folder:\n    run([sys.executable, '-I', path])\n",
        "runpy.run_path(path)\n",
        "importlib.util.spec_from_file_location('plugin', path)\n",
        "InteractiveConsole().push(line)\n",
        "from langchain_experimental.utilities import PythonREPL\n",
        "from smolagents import CodeAgent\n",
        "pydoc.locate(name)\n",
    ],
)
def test_what_was_asked_for_stays_for_an_application_that_runs_what_it_is_given(
    source: str,
) -> None:
    assert kept(source, of_site("plots", requested=True), of_site("other")) == {"plots"}


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("exec('import x')\n", "/app/main.py"),
        ("pattern.exec(text)\n", "/app/main.py"),
        ("model.eval()\nsubprocess.run([sys.executable, worker])\n", "/app/main.py"),
        (RUNS, "/app/setup.py"),
    ],
)
def test_other_sources_run_only_what_is_there(source: str, path: str) -> None:
    assert kept(source, of_site("plots", requested=True), path=path) == set()


def test_what_was_asked_for_may_be_required_too() -> None:
    plots = of_site("plots", requested=True)
    host, part = of_site("host", requested=True, depends=("plots", "part")), of_site("part")
    assert kept(RUNS, plots, host, part) >= {"plots", "host"}


def test_where_no_mark_tells_what_nobody_requires_was_asked_for() -> None:
    frame, host = of_site("frame"), of_site("host", depends=("frame",))
    assert kept(RUNS, frame, host) == {"host"}
    marked = of_site("frame", requested=True), of_site("host", requested=True, depends=("frame",))
    assert kept(RUNS, *marked) == {"host"}


@pytest.mark.parametrize(
    ("source", "variables"),
    [
        ("entry_points(group=os.environ['GROUP'])\n", ("GROUP=shop.exporters",)),
        ("entry_points(group=f'shop.{kind}ers')\n", ()),
        ("entry_points(group=f'{kind}.exporters')\n", ()),
    ],
)
def test_a_group_of_entry_points_may_be_in_a_variable_or_composed(
    source: str, variables: tuple[str, ...]
) -> None:
    plugin = of_site("plugin", groups="[shop.exporters]\nx = plugin:X\n")
    assert kept(source, plugin, variables=variables) == {"plugin"}
    assert kept("entry_points(group=f'{kind}.x')\n", plugin) == set()
