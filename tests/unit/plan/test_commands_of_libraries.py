"""Commands that a library starts by a name which does not stand in the call."""

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from careen.plan.scanners.commands.library import LibraryCommands, library_commands
from tests.support.plans import Case, Files, elf, package, plan_for, static_program

MODULE = "/usr/lib/python3.11/site-packages/host/__init__.py"
RULES = load_rules()


def kept(source: str, *commands: str) -> set[str]:
    files: Files = {MODULE: source, **{f"/usr/bin/{item}": elf() for item in commands}}
    host = package(Ecosystem.PYPI, "host", (MODULE,), modules=("host",))
    plan = plan_for(Case(files, {MODULE: Use.OPENED}, (), packages=(host,), rules=RULES))
    return {item for item in commands if ImagePath(f"/usr/bin/{item}") in plan.keep}


@pytest.mark.parametrize(
    "source",
    [
        "TOOL = 'pandoc'\nsubprocess.run([TOOL, path])\n",
        "tool = os.environ.get('TOOL') or 'pandoc'\nsubprocess.run([tool, path])\n",
        "for tool in ('pandoc', 'other'):\n    Popen([tool, path])\n",
        "tools = [x for x in ('pandoc', 'other') if f(x)]\nPopen.run([*tools, path])\n",
        "subprocess.run(['other' if old else 'pandoc', path])\n",
        "class A:\n    tool_path = 'pandoc'\n    def f(self):\n        Popen([self.tool_path])\n",
    ],
)
def test_a_text_of_a_library_that_starts_programs_names_a_command(source: str) -> None:
    assert kept(source, "pandoc", "sox") == {"pandoc"}
    assert kept(source.replace("subprocess.run", "f").replace("Popen", "f"), "pandoc") == set()


@pytest.mark.parametrize(
    "source",
    [
        "BUILTINS = {'system', 'popen', 'pandoc', 'which', 'Popen'}\nx = 'which('\n",
        "NAMES = ('subprocess', 'pandoc')\n",
        "def which(name): ...\nMETHODS = ['system(', 'pandoc']\n",
    ],
)
def test_a_table_of_words_in_a_library_names_no_command(source: str) -> None:
    assert kept(source, "pandoc") == set()


@pytest.mark.parametrize(
    ("source", "command"),
    [
        ("java = os.getenv('TIKA_JAVA', 'java')\nsubprocess.Popen(line)\n", "java"),
        ("x = os.environ.get(\n    'JAVA', 'java'\n)\nsubprocess.Popen(line)\n", "java"),
        ("DOT_BINARY = pathlib.Path('dot')\nsubprocess.run(command)\n", "dot"),
        ("self.prog = 'dot'\nsubprocess.run(command)\n", "dot"),
    ],
)
def test_an_english_word_counts_as_the_default_of_a_variable_or_a_constant(
    source: str, command: str
) -> None:
    assert kept(source, command) == {command}


def test_a_program_may_be_named_by_its_path() -> None:
    source = "x = ['/usr/bin/chrome', '/usr/bin/git', '/usr/bin/other']\nPopen(y)\n"
    assert kept(source, "chrome", "git") == {"chrome"}
    assert kept(source.replace("Popen", "f"), "chrome", "git") == set()


def test_other_english_words_and_compilers_do_not_count() -> None:
    source = "x = ['dot', 'gcc', 'c99', 'git', 'info']\nsubprocess.run(x)\n"
    assert kept(source, "dot", "gcc", "c99", "git", "info") == set()


@pytest.mark.parametrize("essential", [True, False])
def test_a_text_names_no_command_of_an_essential_package(*, essential: bool) -> None:
    files: Files = {MODULE: "x = ['fmt']\nsubprocess.run(y)\n", "/usr/bin/fmt": elf()}
    host = package(Ecosystem.PYPI, "host", (MODULE,), modules=("host",))
    base = package(Ecosystem.DEB, "coreutils", ("/usr/bin/fmt",), essential=essential)
    plan = plan_for(Case(files, {MODULE: Use.OPENED}, (), packages=(host, base), rules=RULES))
    assert (ImagePath("/usr/bin/fmt") in plan.keep) is not essential


@pytest.mark.parametrize(
    ("application", "stays"), [("def f():\n    import git\n", True), ("import host\n", False)]
)
def test_a_module_with_the_name_of_a_command_wraps_it_for_an_application_that_imports_it(
    application: str, *, stays: bool
) -> None:
    site = MODULE.removesuffix("host/__init__.py")
    files: Files = {
        "/app/main.py": application,
        MODULE: "import git\nsubprocess.run(['git', 'status'])\n",
        f"{site}git/cmd.py": "NAME = 'git'\nPopen([NAME])\n",
        "/usr/bin/git": elf(),
    }
    packages = (
        package(Ecosystem.PYPI, "host", (MODULE,), modules=("host",)),
        package(Ecosystem.PYPI, "gitpython", (f"{site}git/cmd.py",), modules=("git",)),
    )
    used = {"/app/main.py": Use.OPENED, MODULE: Use.OPENED, f"{site}git/cmd.py": Use.OPENED}
    run = {"WorkingDir": "/app"}
    plan = plan_for(Case(files, used, (), packages=packages, run=run, rules=RULES))
    assert (ImagePath("/usr/bin/git") in plan.keep) is stays


@pytest.mark.parametrize(
    ("command", "stays"), [("drive-manager", True), ("convert", False), ("git", False)]
)
def test_a_compiled_program_of_a_library_names_what_no_other_word_can_be(
    command: str, *, stays: bool
) -> None:
    tool = MODULE.replace("__init__.py", "bin/tool")
    files: Files = {
        MODULE: "",
        tool: static_program(command.encode()),
        f"/usr/bin/{command}": elf(),
    }
    host = package(Ecosystem.PYPI, "host", (MODULE, tool), modules=("host",))
    plan = plan_for(Case(files, {MODULE: Use.OPENED}, (), packages=(host,), rules=RULES))
    assert (ImagePath(f"/usr/bin/{command}") in plan.keep) is stays


def test_what_was_found_in_a_source_is_read_again_as_it_was() -> None:
    found = library_commands(b"run(['a', x])\nsubprocess.Popen(y)\ntool_exe = 'b'\n")
    assert found.starts_programs
    assert found.named == {"b"}
    assert LibraryCommands.load(found.dump()) == found
