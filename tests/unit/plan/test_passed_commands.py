"""Commands that stand in another file than the call that starts them."""

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from careen.plan.scanners.commands.constants import MAX_NAMED, names_of_commands, names_used
from careen.plan.scanners.commands.wrappers import texts_given, wrappers
from tests.support.plans import Case, Files, elf, package, plan_for

SITE = "/usr/lib/python3.11/site-packages"
RULES = load_rules()
COMMANDS = ("make", "git", "convert", "identify", "dot", "pdftotext", "sox")
OWN = """import subprocess
def sh(line):
    return subprocess.run(line, shell=True)
def shell(line):
    return sh(line)
class Runner:
    async def launch(self, *words):
        return await asyncio.create_subprocess_exec(*words)
"""


def kept(files: Files, used: tuple[str, ...], *modules: str) -> set[str]:
    """The commands that stay of an image with some files, the modules of one distribution."""
    everything: Files = {**files, **{f"/usr/bin/{item}": elf() for item in COMMANDS}}
    host = package(Ecosystem.PYPI, "host", modules, modules=("host",))
    case = Case(
        everything,
        dict.fromkeys(used, Use.OPENED),
        (),
        packages=(host,),
        run={"WorkingDir": "/app"},
        rules=RULES,
    )
    plan = plan_for(case)
    return {item for item in COMMANDS if ImagePath(f"/usr/bin/{item}") in plan.keep}


def of_application(source: str) -> set[str]:
    return kept({"/app/util.py": OWN, "/app/main.py": source}, ("/app/main.py",))


@pytest.mark.parametrize(
    ("source", "command"),
    [
        ("sh('make')", "make"),
        ("sh('make test')", "make"),
        ("shell('git')", "git"),
        ("sh('git clone ' + url)", "git"),
        ("sh('''\nconvert a b\n''')", "convert"),
        ("await self.runner.launch('identify', a)", "identify"),
        ("await runner.launch(\n    'convert', a)", "convert"),
        ("sh(['make'])", "make"),
        ("util.sh(line='make')", "make"),
        ("import anyio\nawait anyio.run_process(['make'])", "make"),
        ("import sh\nsh.pdftotext('-q')", "pdftotext"),
        ("from sh import cat, convert", "convert"),
        ("from plumbum.cmd import (\n    make,\n)", "make"),
        ("from plumbum import local\nlocal['make']()", "make"),
        ("words = ['make']\nwords += more\nsubprocess.run(words)", "make"),
        ("TOOLS = {'png': 'convert'}\nsubprocess.run([TOOLS[kind], path])", "convert"),
        ("class S:\n    tool: str = 'convert'\nline = [s.tool, path]", "convert"),
    ],
)
def test_what_the_application_gives_to_a_function_that_starts_programs_stays(
    source: str, command: str
) -> None:
    assert of_application(f"{source}\n") == {command}


@pytest.mark.parametrize(
    "source",
    [
        "print('make')",
        "x = ['git']",
        "TOOLS = {'a': 'make'}",
        "kind = 'git'\nrun([kind])",
        "names.get('convert')",
        "words = ['make']\nf(words)",
    ],
)
def test_other_functions_start_nothing(source: str) -> None:
    assert of_application(f"{source}\n") == set()


def test_functions_of_javascript_count_too() -> None:
    files: Files = {
        "/app/util.js": "const {spawn} = require('child_process')\n"
        "exports.launch = (...words) => spawn(...words)\nfunction sh(line) { return exec(line) }\n",
        "/app/main.js": "launch('convert', ['a'])\nsh(`make`)\n",
    }
    assert kept(files, ("/app/main.js",)) == {"convert", "make"}


@pytest.mark.parametrize(
    ("named", "starts"),
    [
        ("TOOL = 'pdftotext'", "from .names import TOOL\nsubprocess.run([TOOL, x])"),
        ("T = {'a': 'pdftotext',\n  'b': 'x'}", None),
        ("TOOLS = {\n    'a': 'pdftotext',\n}", "import host.names\nPopen([names.TOOLS[k]])"),
        ("TOOLS = [('a', 'pdftotext')]", "from .names import TOOLS\nfor a in TOOLS: Popen([a])"),
        ("from .run import X\nclass A(X):\n    tool: str = 'pdftotext'", "Popen([self.tool])"),
        ("class T(Enum):\n    PDF = 'pdftotext'", "from .names import T\nPopen([T.PDF.value])"),
        ("from .run import X\ntool: str = field(default='pdftotext')", "Popen([cfg.tool])"),
        (
            "from .run import start\nstart('pdftotext', '-q')",
            "def start(*words):\n    subprocess.run(words)",
        ),
        ("TOOL = 'pdftotext'", None),
        ("TOOL = 'pdftotext'", "Popen([TOOL])"),  # of another module
        ("NAMES = ['pdftotext']\nx = 1\nTOOL = 'a'", "from .names import TOOL\nPopen([TOOL])"),
        ("name = 'pdftotext'", "from .names import name\nPopen([name])"),
    ],
)
def test_a_name_in_one_module_of_a_library_stands_for_what_another_starts(
    named: str, starts: str | None
) -> None:
    modules = {
        "__init__": "from . import names, run\n",
        "names": f"{named}\n",
        "run": f"import subprocess\n{starts or 'Popen([x])'}\n",
    }
    paths = {f"{SITE}/host/{item}.py": text for item, text in modules.items()}
    found = kept(paths, tuple(paths)[:1], *paths)
    linked = starts is not None and ("names" in starts or "run import" in named)
    counts = linked and not named.startswith(("NAMES", "name ="))
    assert found == ({"pdftotext"} if counts else set())


def test_a_function_counts_if_it_has_an_argument_and_starts_something() -> None:
    source = b"def a(x):\n    Popen(x)\ndef b():\n    Popen(y)\ndef get(x):\n    Popen(x)\n"
    assert wrappers(source) == {b"a"}
    assert wrappers(b"def c(x): return a(x)\n", {b"a"}) == {b"c"}
    assert [*texts_given(b"a('x'); ba('y'); def a('z')", {b"a"})] == ["x"]


def test_a_collection_ends_with_the_next_statement() -> None:
    source = b"A = [\n    'x',\n]\nf('y')\n"
    assert [*names_of_commands(source, {"x"})] == []
    assert [*names_of_commands(source.replace(b"A =", b"TOOLS ="), {"x", "y"})] == [(b"TOOLS", "x")]
    many = b"TOOL = 'x'\n" * (MAX_NAMED + 1)
    assert len([*names_of_commands(many, {"x"})]) == MAX_NAMED
    assert [*names_of_commands(b"__all__ = ['x']\n", {"x"})] == []
    assert b"tool" in names_used(b"run([self.tool])")


def test_a_module_hands_its_own_constant_to_a_module_that_starts_it() -> None:
    starts = "class Display:\n    def start(self):\n        Popen(self.line)\n"
    named = "from host.run import Display\nPROGRAM = 'sox'\nDisplay.__init__(self, [PROGRAM])\n"
    paths = {
        f"{SITE}/host/__init__.py": "from . import names\n",
        f"{SITE}/host/names.py": named,
        f"{SITE}/host/run.py": starts,
    }
    assert kept(paths, tuple(paths)[:1], *paths) == {"sox"}
    for old, new in (("host.run", "host.other"), ("PROGRAM", "LANGUAGES")):
        paths[f"{SITE}/host/names.py"] = named.replace(old, new)
        assert kept(paths, tuple(paths)[:1], *paths) == set()


def test_a_library_of_many_modules_is_not_searched() -> None:
    paths: dict[str, str] = {
        f"{SITE}/host/__init__.py": "from . import names\n",
        f"{SITE}/host/names.py": "TOOL = 'sox'\n",
        f"{SITE}/host/run.py": "from .names import TOOL\nPopen([TOOL])\n",
    }
    assert kept(paths, tuple(paths)[:1], *paths) == {"sox"}
    paths |= {f"{SITE}/host/m{number}.py": "" for number in range(200)}
    assert kept(paths, tuple(paths)[:1], *paths) == set()


def test_a_list_of_nothing_but_commands_counts_in_a_library_that_starts_some() -> None:
    paths = {
        f"{SITE}/host/__init__.py": "from . import names\n",
        f"{SITE}/host/names.py": "ENGINES = {'dot', 'sox', 'pdftotext'}\n",
        f"{SITE}/host/run.py": "def f(x):\n    Popen(x)\n",
    }
    assert kept(paths, tuple(paths)[:1], *paths) == {"dot", "sox", "pdftotext"}
    paths[f"{SITE}/host/names.py"] = "ENGINES = {'dot', 'sox', 'pdftotext', 'other'}\n"
    assert kept(paths, tuple(paths)[:1], *paths) == set()


def test_a_template_of_a_script_is_a_script() -> None:
    template = "pdftotext {{ path }}\n"
    assert kept({"/app/m": "", "/app/run.sh.j2": template}, ("/app/m",)) == {"pdftotext"}
    assert kept({"/app/m": "", "/app/run.md.j2": template}, ("/app/m",)) == set()
