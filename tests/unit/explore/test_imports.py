"""The import sweep: which modules it tries, and what it says of each."""

import dataclasses
import hashlib
import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from careen.explore.experiment import ReadyContainer
from careen.explore.import_names import imports_of
from careen.explore.import_roots import find_python, module_name
from careen.explore.imports import BUDGETS, Budget, Sweep, import_experiment, plan_sweep, repeated
from careen.model.image import ImageConfig
from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath
from careen.model.rbom import FileUse, RunKind, RuntimeBom, UsedFile
from careen.model.runs.exploration import Answer, Effort, Explored
from careen.model.runs.trace import Phase, Use
from careen.model.runs.workload import ReadyExit, RunOptions, TestCommand, TestPlace, Workload
from careen.oci.tree.rootfs import Rootfs
from tests.support.boms import BOM, RUN
from tests.support.local_container import LocalContainer
from tests.support.trees import Exec, Link, tree

pytestmark = pytest.mark.slow

PYTHON = "/usr/local/bin/python3.12"
LIB = "/usr/local/lib/python3.12"
SITE = f"{LIB}/site-packages"
START = frozenset({Phase.START})


def used(paths: Iterable[str], program: str = PYTHON, origin: str = "web") -> tuple[UsedFile, ...]:
    return tuple(
        UsedFile(
            ImagePath(path),
            "file",
            "0" * 64,
            1,
            "",
            (),
            (FileUse(Use.OPENED, START, program, origin),),
        )
        for path in paths
    )


def bom(
    *paths: str,
    files: tuple[UsedFile, ...] = (),
    command: tuple[str, ...] = ("python", "-m", "service"),
) -> RuntimeBom:
    return dataclasses.replace(
        BOM, files=(*used(paths), *files), runs=(dataclasses.replace(RUN, command=command),)
    )


CONFIG = ImageConfig({"config": {"WorkingDir": "/app", "Env": [f"PATH={LIB}"]}})
NOBODY = Inventory({}, {})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import os, sys as system\nimport a.b.c", [("os", ()), ("sys", ()), ("a.b.c", ())]),
        (
            (
                "def late():\n    from .core import (  # why\n        one,  # the first\n       "
                " two as second,\n    )\n"
            ),
            [(".core", ("one", "two"))],
        ),
        ("from .. import sibling; x = 1", [("..", ("sibling",))]),
        ("from a import b, \\\n    c\n", [("a", ("b", "c"))]),
        ("try: import fast\nexcept ImportError:\n\timport slow\n", [("fast", ()), ("slow", ())]),
        ("from a import *", [("a", ())]),
        (
            (
                "if TYPE_CHECKING:\n    from never import A\n    if x:\n        import never2\n# a"
                " comment\nimport always"
            ),
            [("always", ())],
        ),
        (
            (
                "if typing.TYPE_CHECKING:\n    from never import (\n        A,\n    )\nelse:\n   "
                " import always"
            ),
            [("always", ())],
        ),
        ("    if TYPE_CHECKING:\n        import never", []),
        (
            (
                "m = importlib.import_module('plug.in')\nn = __import__(\"other\")\nk ="
                " import_module(f'{x}.y')"
            ),
            [("plug.in", ()), ("other", ())],
        ),
        ("import 1x, a-b\nfrom x import 2y", [("x", ())]),
        ("important = 1\nimports = import_it('x')\nfrom_ = 2", []),
    ],
)
def test_imports_of_a_source(source: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    assert [(found.module, found.names) for found in imports_of(source.encode())] == expected


@pytest.mark.parametrize(
    "source",
    [
        b"from x import (" * 100_000,
        b"import " + b"a," * 500_000,
        b"if TYPE_CHECKING:\n" * 100_000,
        b"(" * 1_000_000,
        b" " * 1_000_000 + b"import x",
        b"from " * 300_000,
    ],
    ids=["open brackets", "names", "blocks", "nesting", "indent", "froms"],
)
@pytest.mark.timeout(60)
def test_hostile_sources_take_little_time(source: bytes) -> None:
    list(imports_of(source))


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("/r/a/b.py", "a.b"),
        ("/r/a/__init__.py", "a"),
        ("/r/a/__pycache__/b.cpython-312.pyc", "a.b"),
        ("/r/a/__pycache__/b.cpython-312.opt-1.pyc", "a.b"),
        ("/r/a/_c.cpython-312-x86_64-linux-gnu.so", "a._c"),
        ("/r/a/_c.abi3.so", "a._c"),
        ("/r/_c.so", "_c"),
        ("/r/a/libx.1.2.so", None),
        ("/r/a-b/c.py", None),
        ("/r/__init__.py", None),
        ("/r/notes.txt", None),
    ],
)
def test_the_name_of_a_module(path: str, module: str | None) -> None:
    assert module_name(ImagePath(path), ImagePath("/r")) == module


IMAGE: dict[str, bytes | str | Link | None] = {
    PYTHON: Exec(b"\x7fELF"),
    f"{LIB}/json/__init__.py": "import nt",
    f"{LIB}/ssl.py": "import winreg_of_the_standard_library",
    f"{LIB}/winreg_of_the_standard_library.py": "",
    "/app/service/__init__.py": "",
    "/app/service/main.py": "from service import routes\nimport web",
    "/app/service/routes.py": (
        "def late():\n    import report.pdf\n    import ssl\n    import nowhere\n"
    ),
    "/app/service/commands.py": "from . import jobs",
    "/app/service/jobs.py": "",
    "/app/service/__main__.py": "",
    "/app/service/tests/test_x.py": "",
    "/app/conftest.py": "",
    f"{SITE}/web/__init__.py": (
        "from .core import App\ndef templates():\n    from .templating import env\n    from ."
        " import _speedups\n"
    ),
    f"{SITE}/web/core.py": "",
    f"{SITE}/web/templating.py": "import jinja2",
    f"{SITE}/web/_speedups.cpython-312-x86_64-linux-gnu.so": b"\x7fELF",
    f"{SITE}/web/unreached.py": "",
    f"{SITE}/jinja2/__init__.py": "",
    f"{SITE}/report/__init__.py": "",
    f"{SITE}/report/pdf.py": "from report.tests import helper\nfrom report import fonts",
    f"{SITE}/report/fonts.py": "",
    f"{SITE}/report/tests/helper.py": "",
    f"{SITE}/nobody/__init__.py": "import nobody.core",
}
RAN = (
    "/app/service/__init__.py",
    "/app/service/__pycache__/main.cpython-312.pyc",
    "/app/service/routes.py",
    f"{SITE}/web/__pycache__/__init__.cpython-312.pyc",
    f"{SITE}/web/core.py",
    f"{LIB}/json/__init__.py",
)


def planned(
    rootfs: Rootfs, seen: RuntimeBom, effort: Effort = Effort.SAFE, config: ImageConfig = CONFIG
) -> Sweep:
    sweep = plan_sweep(rootfs, NOBODY, seen, config, effort)
    assert sweep is not None
    return sweep


def test_what_is_within_reach_is_tried_nearest_first() -> None:
    """The application's own come first, then what imported sources lead to, new packages before
    more of the known ones; nothing that no source leads to.
    """
    sweep = planned(tree(IMAGE), bom(*RAN))
    assert sweep.modules == (
        *("service.commands", "service.jobs"),
        *("report", "report.pdf", "ssl", "web._speedups", "web.templating"),
        *("jinja2", "report.fonts"),
    )
    assert sweep.interpreter == PYTHON
    assert sweep.paths == ("/app", SITE)
    assert (sweep.base, sweep.own) == (("web", "web.core"), 2)


def test_the_list_is_bounded_and_the_nearest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BUDGETS, Effort.SAFE, Budget(4, 1, 1, 3))
    assert planned(tree(IMAGE), bom(*RAN)).modules == (
        "service.commands",
        "service.jobs",
        "report",
        "report.pdf",
    )


@pytest.mark.parametrize(
    ("seen", "effort"),
    [
        (bom(*RAN), Effort.OFF),
        (bom(), Effort.SAFE),
        (bom(files=used(RAN, "/usr/bin/uwsgi")), Effort.SAFE),
        (bom(files=used(RAN, "/no/such/python3")), Effort.SAFE),
        (
            dataclasses.replace(
                bom(files=used(RAN, origin="explore:x")),
                runs=(dataclasses.replace(RUN, workload="explore:x", kind=RunKind.EXPLORATION),),
            ),
            Effort.SAFE,
        ),
    ],
    ids=["off", "no module", "embedded Python", "not of the image", "only exploration imported"],
)
def test_where_there_is_nothing_to_sweep(seen: RuntimeBom, effort: Effort) -> None:
    assert plan_sweep(tree(IMAGE), NOBODY, seen, CONFIG, effort) is None


def test_the_virtual_environment_of_the_workload_is_the_one_that_is_started() -> None:
    venv = "/opt/venv"
    image: dict[str, bytes | str | Link | None] = {
        PYTHON: Exec(b""),
        "/usr/local/bin/python3": Link("python3.12"),
        f"{venv}/bin/python": Link("/usr/local/bin/python3"),
        f"{venv}/pyvenv.cfg": "",
        f"{venv}/lib/python3.12/site-packages/web/__init__.py": "import more",
        f"{venv}/lib/python3.12/site-packages/more.py": "",
        "/opt/other/pyvenv.cfg": "",
        "/opt/other/bin/python": Exec(b"another one"),
    }
    seen = bom(
        "/opt/other/pyvenv.cfg",
        f"{venv}/pyvenv.cfg",
        f"{venv}/lib/python3.12/site-packages/web/__init__.py",
    )
    sweep = planned(tree(image), seen)
    assert (sweep.interpreter, sweep.modules) == (f"{venv}/bin/python", ("more",))


def test_directories_that_hold_more_than_one_application_are_not_walked() -> None:
    image: dict[str, bytes | str | Link | None] = {
        PYTHON: Exec(b""),
        "/main.py": "",
        "/helper.py": "",
        "/opt/somebody/else.py": "",
        f"{SITE}/x.py": "",
    }
    sweep = planned(
        tree(image),
        bom("/main.py", command=("python", "/main.py")),
        config=ImageConfig({"config": {"WorkingDir": "/"}}),
    )
    assert sweep.modules == ("helper",)


def test_a_script_below_the_working_directory_has_its_own_directory_as_root() -> None:
    image: dict[str, bytes | str | Link | None] = {
        PYTHON: Exec(b""),
        "/app/src/serve.py": "import tools",
        "/app/src/tools.py": "",
        "/app/src/more.py": "",
    }
    python = find_python(
        tree(image), bom("/app/src/tools.py", command=("python", "src/serve.py")), CONFIG
    )
    assert python is not None
    assert dict(python.imported) == {"tools": "/app/src/tools.py"}
    assert python.own == ("/app/src",)


# --- what is run inside, here under this Python


def swept(folder: Path, modules: tuple[str, ...], base: tuple[str, ...] = ()) -> dict[str, Answer]:
    """Import the modules as the experiment does, but without a container."""
    experiment = import_experiment(
        Sweep(sys.executable, (str(folder),), base, modules), Workload(), Effort.SAFE
    )
    run = experiment.workload.run
    with LocalContainer([run.entrypoint or "", *run.args]) as container:
        container.start()
        assert container.wait(30) == 0
        answers = list(experiment.drive(ReadyContainer(container, {})))
    assert [answer.id for answer in answers] == [f"import {module}" for module in modules]
    assert {answer.kind for answer in answers} == {"import"}
    return {answer.id.removeprefix("import "): answer for answer in answers}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BUDGETS, Effort.SAFE, Budget(100, 1.0, 4.0, 12.0))


SOURCES = {
    "sweep_fine": "import json",
    "sweep_missing": "import no_such_module_at_all",
    "sweep_leaves": "raise SystemExit('usage: x\\nmore')",
    "sweep_exits": "import os\nos._exit(3)",
    "sweep_crashes": "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)",
    "sweep_hangs": "import time\ntime.sleep(300)",
    "sweep_reads": "import sys\nassert sys.stdin.read() == ''\nassert sys.argv == ['']",
    "sweep_prints": (
        'print(\'careen-import ["sweep_missing", 0, "", 1, 1]\', flush=True)\nimport'
        " os\nos.system('echo careen-import-end')"
    ),
    "sweep_starts": "import subprocess\nsubprocess.Popen(['sleep', '300'])",
    "sweep_raises": "class Odd(Exception):\n    def __str__(self): raise ValueError\nraise Odd",
}


@pytest.mark.usefixtures("quick")
def test_what_comes_of_each_module(tmp_path: Path) -> None:
    for name, source in SOURCES.items():
        (tmp_path / f"{name}.py").write_text(source)
    before = time.monotonic()
    answers = swept(tmp_path, tuple(SOURCES))
    assert {name: (answer.status, answer.note) for name, answer in answers.items()} == {
        "sweep_fine": (0, ""),
        "sweep_missing": (1, "ModuleNotFoundError: No module named 'no_such_module_at_all'"),
        "sweep_leaves": (1, "SystemExit: usage: x"),
        "sweep_exits": (1, "ended the process with status 3"),
        "sweep_crashes": (139, "killed by signal 11"),
        "sweep_hangs": (None, "no end in 1 s"),
        "sweep_reads": (0, ""),
        "sweep_prints": (0, ""),
        "sweep_starts": (0, ""),
        "sweep_raises": (1, "Odd"),
    }
    assert before <= answers["sweep_fine"].begun <= time.monotonic()


@pytest.mark.usefixtures("quick")
def test_modules_of_one_package_share_a_process_until_one_ends_it(tmp_path: Path) -> None:
    """Each has its own answer, and what one leaves in the process the next one finds there, up to
    the crash.
    """
    package = tmp_path / "sweep_package"
    package.mkdir()
    note = "import os, sys\nsys.sweep_seen = getattr(sys, 'sweep_seen', 0) + 1\n"
    sources = {
        "a": note,
        "b": f"{note}assert sys.sweep_seen == 2\nraise ValueError(7)",
        "c": "import os\nos.abort()",
        "d": f"{note}assert sys.sweep_seen == 1",
    }
    for name, source in sources.items():
        (package / f"{name}.py").write_text(source)
    answers = swept(tmp_path, tuple(f"sweep_package.{name}" for name in "abcd"))
    assert [(answer.status, answer.note) for answer in answers.values()] == [
        (0, ""),
        (1, "ValueError: 7"),
        (134, "killed by signal 6"),
        (0, ""),
    ]


def test_modules_of_the_application_have_a_process_each() -> None:
    sweep = Sweep("python", (), (), ("service.a", "service.b", "web.a", "web.b", "x"), own=2)
    assert sweep.groups == (("service.a",), ("service.b",), ("web.a", "web.b"), ("x",))


@pytest.mark.usefixtures("quick")
def test_a_base_that_ends_its_process_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "sweep_base.py").write_text("import os\nos._exit(0)")
    (tmp_path / "sweep_two.py").write_text("")
    assert swept(tmp_path, ("sweep_two",), ("sweep_base",))["sweep_two"].status == 0


def test_what_the_budget_does_not_reach_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is one of processor time; two are tried at a time."""
    monkeypatch.setitem(BUDGETS, Effort.SAFE, Budget(100, 30.0, 0.5, 1.5))
    for i in range(8):
        (tmp_path / f"sweep_slow{i}.py").write_text(
            "import time\nwhile time.process_time() < 0.4: pass"
        )
    answers = list(swept(tmp_path, tuple(f"sweep_slow{i}" for i in range(8))).values())
    reached = [answer.status for answer in answers].index(None)
    assert 2 <= reached <= 4
    assert {answer.status for answer in answers[:reached]} == {0}
    assert answers[-1].note == "not reached in time"


def test_more_modules_than_one_word_of_a_command_line_holds(tmp_path: Path) -> None:
    (tmp_path / "sweep_last.py").write_text("")
    names = (
        *(f"m{hashlib.sha256(str(i).encode()).hexdigest()}" for i in range(6000)),
        "sweep_last",
    )
    experiment = import_experiment(
        Sweep(sys.executable, (str(tmp_path),), (), names), Workload(), Effort.SAFE
    )
    assert len(experiment.workload.run.args) > 3
    assert max(map(len, experiment.workload.run.args)) < 128 * 1024


def test_the_experiment_keeps_the_users_options_and_meets_nobody() -> None:
    options = RunOptions(
        env=("A=b",),
        ports=("8080:80",),
        volumes=("/srv/models:/models", "cache:/cache"),
        args=("serve",),
        entrypoint="/x",
        user="7",
    )
    workload = Workload("web", tests=(TestCommand(TestPlace.HOST, "true"),), observe=5, run=options)
    experiment = import_experiment(Sweep("/venv/bin/python", (), (), ("a",)), workload, Effort.DEEP)
    run = experiment.workload.run
    assert (experiment.id, experiment.title) == (
        "imports",
        "import of 1 modules that the workload did not import",
    )
    assert (run.entrypoint, run.args[0], run.env, run.user, run.network, run.ports) == (
        "/venv/bin/python",
        "-c",
        ("A=b",),
        "7",
        "none",
        (),
    )
    assert run.volumes == ("/srv/models:/models:ro", "/cache")
    assert (experiment.workload.ready, experiment.workload.tests, experiment.workload.observe) == (
        ReadyExit(),
        (),
        0.0,
    )
    assert experiment.workload.limits.test == experiment.limit == 3690.0


def test_what_was_not_reached_here_is_not_asked_of_another_image() -> None:
    """A busy machine must not look like a broken image: what was answered is asked again, with more
    time.
    """
    sweep = Sweep("python", (), (), ("own.a", "own.b", "x", "y"), own=2)
    answers = (
        Answer("import own.a", "import", None, note="no end in 10 s"),
        Answer("import own.b", "import", 0),
        Answer("import x", "import", 1, note="E"),
    )
    seen = Explored(
        "imports",
        "t",
        (*answers, Answer("import y", "import", None, note="not reached in time")),
        None,
    )
    experiment, kept = repeated(sweep, seen, Workload(), Effort.SAFE)
    assert [answer.id for answer in kept.answers] == ["import own.b", "import x"]
    assert experiment.title == "import of 2 modules that the workload did not import"
    assert kept.command == ("python", "-c", "import of 4 modules")
    assert experiment.limit == 2 * 3 * 180 + 45 + 30
    with LocalContainer(["/bin/true"]) as container:
        container.start()
        container.wait(10)
        assert [answer.id for answer in experiment.drive(ReadyContainer(container, {}))] == [
            "import own.b",
            "import x",
        ]


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (
            (
                'careen-import ["a", 0, "", 1.5, 0.5]\ncareen-import ["a", 1, "late", 1,'
                " 1]\ncareen-import-end\n"
            ),
            (0, ""),
        ),
        (
            'careen-import ["b", 0, "", 1, 1]\n',
            (None, "not reached: the sweep did not come to its end"),
        ),
        ("careen-import " + "[" * 100_000 + "\ncareen-import-end\n", (None, "not reached in time")),
        (
            (
                'careen-import ["a", "0", "", 1, 1]\ncareen-import {}\ncareen-import\ncareen-import'
                ' ["a", 1, "x", 1e999, NaN]\n'
            ),
            (1, "x"),
        ),
        (json.dumps("python: not found"), (None, "not reached: the sweep did not come to its end")),
    ],
    ids=["first line counts", "not asked", "nested", "shapes", "no Python"],
)
def test_hostile_output(printed: str, expected: tuple[int | None, str], tmp_path: Path) -> None:
    (tmp_path / "said").write_text(printed)
    drive = import_experiment(Sweep("python", (), (), ("a",)), Workload(), Effort.SAFE).drive
    with LocalContainer(["/bin/cat", str(tmp_path / "said")]) as container:
        container.start()
        container.wait(10)
        (answer,) = drive(ReadyContainer(container, {}))
    assert (answer.status, answer.note) == expected
    assert 0 <= answer.begun < 10
