"""Commands that a library tries one after another, from a list: a profile that needs none of them
starts none.
"""

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.plan import Level
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from careen.plan.scanners.imports import first_of_lists, handed_over, started
from tests.support.plans import Case, Files, elf, package, plan_for
from tests.support.trees import Exec

SITE = "/usr/local/lib/python3.11/site-packages"


@pytest.mark.parametrize(
    ("source", "first_words"),
    [
        ('COMMANDS = ("ffmpeg", "avconv")\n', {"ffmpeg", "avconv"}),
        (
            "_BINARIES: list[str] = [\n    'soffice --headless',\n    'libreoffice',\n]\n",
            {"soffice", "libreoffice"},
        ),
        ('programs = ["dot", "neato"]\n', {"dot", "neato"}),
        ('executables = {"compiler": ["cc"], "ranlib": ["ranlib"]}\n', set()),
        ('NAMES = ("tac", "gs")\n', set()),
        ("args_clean = ['unpaper', '-v', '--dpi', dpi] + more\n", {"unpaper"}),
        ("args: list[str] = [\n    'pngquant',\n    f'--quality={q}',\n]\n", {"pngquant"}),
        ('args = ["tac", "gs"]\n', set()),
        ("PROBE = ToolProbe(program='jbig2', version_regex=r'.*')\n", {"jbig2"}),
        ('command = [_get_command_path("pdfinfo", folder), path]\n', {"pdfinfo"}),
        ('check_external_program(program="gs")\nhas_binary(\n    "qpdf"\n)\n', {"gs", "qpdf"}),
        (
            'check_programs("msguniq", "msgmerge",\n    "msgattrib")\n',
            {"msguniq", "msgmerge", "msgattrib"},
        ),
        ('require_binaries(["gs", "qpdf"])\n', {"gs", "qpdf"}),
        ('get_command_path("gs", "tac")\n', {"gs"}),
        ('def check_programs(*programs):\n    for name in programs:\n        x("tac")\n', set()),
        ('@app.command("tac")\ngroup.add_command("cut")\n', set()),
        ("parser(program=name, programs='tac')\n", set()),
        (f"cmd{' ' * 420}= 'ls'\n", {"ls"}),
    ],
)
def test_each_command_of_a_list_counts(source: str, first_words: set[str]) -> None:
    assert {words[0] for words in started(b"import subprocess\n" + source.encode())} == first_words
    assert started(source.encode()) == ()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            'STEPS = [(["convert", "-size", "9x9"], "out.png"), ("file", f"{path}")]\n',
            {"convert", "file"},
        ),
        ("argv = [\n    'look',\n    '/etc/x',\n]\n", {"look"}),
        ('FIELDS = ["import", "display"]\nPAIRS = ("stream", 4)\n', set()),
    ],
)
def test_a_list_that_goes_on_with_an_option_or_a_path_begins_with_a_command(
    source: str, words: set[str]
) -> None:
    assert first_of_lists(source.encode()) == words


def test_a_command_that_is_a_word_stays_with_a_command_line_of_the_application() -> None:
    files: Files = {
        "/app/chains.py": (
            'CHAINS = {"picture": [["convert", "-size", "9x9"]], "kind": "display"}\n'
        ),
        "/usr/bin/convert": elf(),
        "/usr/bin/display": elf(),
    }
    plan = plan_for(
        Case(
            files,
            {"/app/chains.py": Use.OPENED},
            (),
            run={"WorkingDir": "/app", "Env": ["PATH=/usr/bin"]},
            rules=load_rules(),
        )
    )
    assert ImagePath("/usr/bin/convert") in plan.keep
    assert ImagePath("/usr/bin/display") in plan.remove


def test_what_a_script_of_a_distribution_looks_for_stays() -> None:
    script = f"{SITE}/spark/bin/spark-class"
    module = f"{SITE}/spark/__init__.py"
    text = (
        b'#!/usr/bin/env bash\nif [ "$(command -v java)" ]; then\n  RUNNER="java"\nfi\nexec'
        b' "$RUNNER" tool\n'
    )
    files: Files = {module: "", script: Exec(text), "/usr/bin/java": elf(), "/usr/bin/tool": elf()}
    owner = package(Ecosystem.PYPI, "spark", (module, script), modules=("spark",))
    plan = plan_for(
        Case(files, {module: Use.OPENED}, (), packages=(owner,), run={"Env": ["PATH=/usr/bin"]})
    )
    assert ImagePath("/usr/bin/java") in plan.keep
    assert ImagePath("/usr/bin/tool") in plan.remove


def test_what_the_configuration_of_a_distributions_own_tests_imports_is_no_need() -> None:
    files: Files = {
        f"{SITE}/a/__init__.py": "",
        f"{SITE}/a/conftest.py": "import b\n",
        f"{SITE}/b/__init__.py": "",
    }
    packages = tuple(
        package(
            Ecosystem.PYPI,
            each,
            (*(path for path in files if f"/{each}/" in path),),
            modules=(each,),
        )
        for each in ("a", "b")
    )
    case = Case(files, {f"{SITE}/a/__init__.py": Use.OPENED}, (), packages=packages)
    assert ImagePath(f"{SITE}/b/__init__.py") in plan_for(case).remove
    used = Case(
        files,
        {f"{SITE}/a/__init__.py": Use.OPENED, f"{SITE}/a/conftest.py": Use.OPENED},
        (),
        packages=packages,
    )
    assert ImagePath(f"{SITE}/b/__init__.py") in plan_for(used).keep


def test_a_decoder_that_a_library_tries_stays_with_its_libraries() -> None:
    module = f"{SITE}/reader/__init__.py"
    source = (
        'import subprocess\nCOMMANDS = ("ffmpeg", "avconv")\n\n\ndef start(name):\n    return'
        ' subprocess.Popen([name, "-version"])\n'
    )
    files: Files = {
        module: source,
        "/usr/bin/ffmpeg": elf(("libav.so",)),
        "/usr/lib/libav.so": elf(),
        "/usr/bin/gs": elf(),
    }
    owner = package(Ecosystem.PYPI, "reader", (module,), modules=("reader",))
    case = Case(files, {module: Use.OPENED}, (), packages=(owner,), run={"Env": ["PATH=/usr/bin"]})
    plan = plan_for(case)
    assert {"/usr/bin/ffmpeg", "/usr/lib/libav.so"} <= set(plan.keep)
    assert ImagePath("/usr/bin/gs") in plan.remove
    assert ImagePath("/usr/bin/ffmpeg") in plan_for(case, Level.OBSERVED).remove


def test_a_program_of_a_distribution_without_a_module_stays_with_who_names_it() -> None:
    module = f"{SITE}/server/profiles.py"
    source = (
        'import shutil\n\n\nclass Profiler:\n    name = "py-look"\n\n    def start(self):\n       '
        " return shutil.which(self.name)\n"
    )
    files: Files = {
        module: source,
        "/usr/local/bin/py-look": elf(),
        "/usr/local/bin/py-other": elf(),
        "/usr/bin/py-look-not": elf(),
    }
    packages = (
        package(Ecosystem.PYPI, "server", (module,), modules=("server",)),
        package(Ecosystem.PYPI, "py-look", ("/usr/local/bin/py-look",)),
        package(Ecosystem.PYPI, "py-other", ("/usr/local/bin/py-other",)),
    )
    case = Case(
        files,
        {module: Use.OPENED},
        (),
        packages=packages,
        run={"Env": ["PATH=/usr/local/bin:/usr/bin"]},
    )
    assert "/usr/local/bin/py-look" in plan_for(case).keep
    assert ImagePath("/usr/local/bin/py-other") in plan_for(case).remove
    files = {**files, module: 'NAME = "py-look"\n'}
    silent = Case(
        files,
        {module: Use.OPENED},
        (),
        packages=packages,
        run={"Env": ["PATH=/usr/local/bin:/usr/bin"]},
    )
    assert ImagePath("/usr/local/bin/py-look") in plan_for(silent).remove


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('out, err = run_cmd(cwd, ["git", "clone", url])\n', {"git"}),
        ('self.execute_interactive(["sqlite3", engine.url.database])\n', {"sqlite3"}),
        ("_checked_call(\n    args=[\n        'git',\n        url]\n)\n", {"git"}),
        ('kinds = ["git", "sqlite3"]\n', set()),
        ('choose(["git", "sqlite3"])\n', set()),
        ('run_cmd(["svn", "co"])\n', set()),
    ],
)
def test_a_list_that_is_handed_to_what_runs_programs_begins_with_one(
    source: str, words: set[str]
) -> None:
    assert handed_over(source.encode()) & {"git", "sqlite3"} == words


def test_a_command_that_a_library_hands_to_a_function_of_its_own_stays() -> None:
    module = f"{SITE}/shell/db.py"
    files: Files = {
        module: 'from shell.system import run_cmd\nrun_cmd(["sqlite3", url], cwd)\n',
        "/usr/bin/sqlite3": elf(),
        "/usr/bin/psql": elf(),
    }
    owner = package(Ecosystem.PYPI, "shell", (module,), modules=("shell",))
    plan = plan_for(
        Case(
            files,
            {module: Use.OPENED},
            (),
            packages=(owner,),
            run={"Env": ["PATH=/usr/bin"]},
            rules=load_rules(),
        )
    )
    assert plan.keep[ImagePath("/usr/bin/sqlite3")].because == module
    assert ImagePath("/usr/bin/psql") in plan.remove


def test_a_program_that_tells_how_to_build_stays_with_the_application_alone() -> None:
    module = f"{SITE}/driver/place.py"
    asks = 'import subprocess\nsubprocess.check_output(["pg_config", "--libdir"])\n'
    files: Files = {
        module: asks,
        "/app/main.py": "import driver\n",
        "/usr/bin/pg_config": Exec(b"#!/usr/bin/perl\n"),
        "/usr/bin/perl": elf(),
    }
    packages = (
        package(Ecosystem.PYPI, "driver", (module,), modules=("driver",)),
        package(Ecosystem.DEB, "libpq-dev", ("/usr/bin/pg_config",)),
    )
    uses = {module: Use.OPENED, "/app/main.py": Use.OPENED}
    case = Case(
        files,
        uses,
        (),
        packages=packages,
        run={"WorkingDir": "/app", "Env": ["PATH=/usr/bin"]},
        rules=load_rules(),
    )
    assert {ImagePath("/usr/bin/pg_config"), ImagePath("/usr/bin/perl")} <= set(
        plan_for(case).remove
    )
    named = Case(
        {**files, "/app/main.py": asks},
        uses,
        (),
        packages=packages,
        run={"WorkingDir": "/app", "Env": ["PATH=/usr/bin"]},
        rules=load_rules(),
    )
    assert {"/usr/bin/pg_config", "/usr/bin/perl"} <= set(plan_for(named).keep)


ENVIRONMENTS = [
    ('import subprocess\nsubprocess.run([sys.executable, "-m", "venv", folder])\n', True),
    ('"""Make an environment with `python -m venv` first."""\nimport venv\n', False),
]


@pytest.mark.parametrize(("source", "kept"), ENVIRONMENTS)
def test_what_a_library_runs_of_the_standard_library_brings_back_what_rules_leave_out(
    source: str, kept: bool
) -> None:
    home = "/usr/local/lib/python3.11"
    module = f"{SITE}/tasks/__init__.py"
    wheel = f"{home}/ensurepip/_bundled/pip-1-py3-none-any.whl"
    other = "/usr/lib/python3.13"
    installer = f"{SITE}/pip/__main__.py"
    files: Files = {
        module: source,
        f"{SITE}/tasks/build.py": 'call([sys.executable, "-m", "pip", "install"])\n',
        installer: "",
        f"{home}/os.py": "",
        f"{home}/encodings/__init__.py": "",
        f"{home}/venv/__init__.py": (
            "self._call_new_python(context, '-m', 'ensurepip', '--upgrade')\n"
        ),
        f"{home}/ensurepip/__init__.py": "",
        wheel: "",
        "/usr/local/bin/python3.11": Exec(elf()),
        f"{other}/os.py": "",
        f"{other}/encodings/__init__.py": "",
        f"{other}/ensurepip/__init__.py": "",
    }
    owner = package(Ecosystem.PYPI, "tasks", (module, f"{SITE}/tasks/build.py"), modules=("tasks",))
    pip = package(Ecosystem.PYPI, "pip", (installer,), modules=("pip",))
    uses = {
        module: Use.OPENED,
        "/usr/local/bin/python3.11": Use.EXECUTED,
        f"{home}/os.py": Use.OPENED,
    }
    plan = plan_for(Case(files, uses, (), packages=(owner, pip), rules=load_rules()))
    assert (ImagePath(wheel) in plan.keep) is kept
    assert ImagePath(installer) in plan.remove  # as no library's source brings back the command pip
    assert not any(path.startswith(other) for path in plan.keep)


PS = """
import subprocess
try:
    subprocess.check_output(["ps", "-o", "args="])
except OSError as error:
    raise NoProcesses from error
"""
PROC = 'import os\nopen(os.path.join("/proc", str(pid), "cmdline"))\n'


@pytest.mark.parametrize(
    ("sources", "stays"),
    [
        ({"ps.py": PS, "proc.py": PROC}, False),
        ({"ps.py": PS + PROC}, False),
        ({"ps.py": PS, "proc.py": 'open(f"/proc/{pid}/stat")\n'}, False),
        ({"ps.py": PS}, True),
        ({"ps.py": PS, "proc.py": 'open("/proc/meminfo")\n'}, True),
        ({"ps.py": PS.replace("OSError", "ValueError"), "proc.py": PROC}, True),
        ({"ps.py": PS.replace('"ps"', '"pgrep"'), "proc.py": PROC}, True),
        ({"ps.py": PS, "proc.py": PROC, "/app/main.py": PS}, True),
        ({"ps.py": PS, "proc.py": PROC, "/app/run.sh": "ps -ef\n"}, True),
    ],
)
def test_a_library_that_reads_proc_itself_does_not_keep_ps(
    sources: dict[str, str], stays: bool
) -> None:
    files: Files = {
        f"{SITE}/shells/__init__.py": "",
        **{
            name if name.startswith("/") else f"{SITE}/shells/posix/{name}": text
            for name, text in sources.items()
        },
        "/usr/bin/ps": elf(("libproc2.so.0",)),
        "/usr/bin/pgrep": elf(("libproc2.so.0",)),
        "/usr/lib/libproc2.so.0": elf(),
    }
    modules = tuple(path for path in files if path.startswith(SITE))
    uses = {f"{SITE}/shells/__init__.py": Use.OPENED, "/bin/x": Use.EXECUTED}
    uses |= {path: Use.OPENED for path in files if path.startswith("/app/")}
    plan = plan_for(
        Case(
            {**files, "/bin/x": elf()},
            uses,
            (),
            packages=(package(Ecosystem.PYPI, "shells", modules, modules=("shells",)),),
            run={"WorkingDir": "/app", "Env": ["PATH=/usr/bin"]},
        )
    )
    kept = {"/usr/bin/ps", "/usr/bin/pgrep", "/usr/lib/libproc2.so.0"} & plan.keep.keys()
    assert bool(kept) is stays
