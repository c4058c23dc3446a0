"""Collections of program names that an application holds, and starts what it is asked to."""

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from careen.plan.scanners.commands.tables import commands_in_configured_tables, commands_in_tables
from tests.support.plans import Case, Files, elf, package, plan_for
from tests.support.trees import SetId

pytestmark = pytest.mark.slow

PROGRAMS = (
    *(
        "git",
        "hg",
        "svn",
        "pip",
        "apt-get",
        "dpkg",
        "gcc",
        "ld",
        "make",
        "perl",
        "python3",
        "file",
        "convert",
        "identify",
        "ffmpeg",
        "gs",
    ),
    *("pdftotext", "tar", "xz", "curl", "ssh", "sqlite3", "less", "patch", "su"),
)
KNOWN = frozenset(PROGRAMS)
RUNNER = (
    "import subprocess\n\n\ndef run(name, words):\n    return subprocess.run([TOOLS[name],"
    " *words])\n"
)


def quoted(separator: str) -> str:
    return separator.join(f'"{item}"' for item in PROGRAMS)


SHAPES = {
    "set": f"ALLOWED = {{{quoted(', ')}}}\n",
    "list of lines": (
        "ALLOWED = [\n" + "".join(f"    '{item}',  # a program\n" for item in PROGRAMS) + "]\n"
    ),
    "tuple": f"ALLOWED: tuple[str, ...] = ({quoted(', ')})\n",
    "frozenset": f"ALLOWED = frozenset([{quoted(', ')}])\n",
    "dict of settings": (
        "TOOLS = {\n"
        + "".join(
            f'    "{item}": {{"time": 10, "note": "what {item} does, and why", "network":'
            " False},\n"
            for item in PROGRAMS
        )
        + "}\n"
    ),
    "dict of paths": (
        "TOOLS = {\n" + "".join(f'    "{item}": "/usr/bin/{item}",\n' for item in PROGRAMS) + "}\n"
    ),
    "calls": (
        "TOOLS = [\n"
        + "".join(f'    Tool("{item}", kind="other", limit=20),\n' for item in PROGRAMS)
        + "]\n"
    ),
    "enumeration": (
        "class Tool(StrEnum):\n"
        + "".join(f'    A{number} = "{item}"\n' for number, item in enumerate(PROGRAMS))
    ),
    "dataclass": (
        "@dataclass\nclass Tools:\n"
        + "".join(f'    a{number}: str = "{item}"\n' for number, item in enumerate(PROGRAMS))
    ),
    "fields": (
        "class Tools(BaseModel):\n"
        + "".join(
            f'    a{number}: str = Field(default="{item}")\n'
            for number, item in enumerate(PROGRAMS)
        )
    ),
    "keywords": (
        "TOOLS = dict(git=0, ffmpeg=1, pdftotext=2, "
        + ", ".join(f'a{number}="{item}"' for number, item in enumerate(PROGRAMS))
        + ")\n"
    ),
    "words of a text": f'ALLOWED = "{" ".join(PROGRAMS)}".split()\n',
    "lines of a text": 'ALLOWED = """\n' + "\n".join(PROGRAMS) + '\n""".split()\n',
    "expression": f'ALLOWED = re.compile(r"^({"|".join(PROGRAMS)})$")\n',
    "joined": (
        "ALLOWED = (" + ", ".join(f'"{item[:1]}" + "{item[1:]}"' for item in PROGRAMS) + ")\n"
    ),
    "commas": f'ALLOWED = ",".join(["{",".join(PROGRAMS[:12])}", "{",".join(PROGRAMS[12:])}"])\n',
}
CONFIGURED = {
    "allowed.toml": f"[programs]\nallowed = [{quoted(', ')}]\n",
    "tables.toml": "".join(f"[programs.{item}]\nlimit = 10\n" for item in PROGRAMS),
    "values.toml": (
        "[programs]\n" + "".join(f'a{number} = "{item}"\n' for number, item in enumerate(PROGRAMS))
    ),
    "allowed.yaml": "allowed:\n" + "".join(f"  - {item}\n" for item in PROGRAMS),
    "flow.yaml": f"allowed: [{', '.join(PROGRAMS)}]\n",
    "flow.yml": "allowed: [\n  " + ",\n  ".join(PROGRAMS) + ",\n]\n",
    "tools.yml": "tools:\n" + "".join(f"  - name: {item}\n    limit: 10\n" for item in PROGRAMS),
    "keys.yaml": "tools:\n" + "".join(f"  {item}:\n    limit: 10\n" for item in PROGRAMS),
    "allowed.json": f'{{"allowed": [{quoted(", ")}]}}',
    "tools.json": "{" + ", ".join(f'"{item}": {{"limit": 10}}' for item in PROGRAMS) + "}",
    "keys.ini": "[tools]\n" + "".join(f"{item} = yes\n" for item in PROGRAMS),
    "values.ini": (
        "[tools]\n" + "".join(f"a{number} = {item}\n" for number, item in enumerate(PROGRAMS))
    ),
    "list.cfg": f"[tools]\nallowed = {', '.join(PROGRAMS)}\n",
    "allowed.txt": "\n".join(PROGRAMS) + "\n",
    ".env": f"ALLOWED={','.join(PROGRAMS)}\n",
}


def case(files: Files, used: tuple[str, ...] = ("/app/run.py",)) -> Case:
    programs: Files = {f"/usr/bin/{item}": elf() for item in PROGRAMS}
    return Case(
        {**programs, **files, "/usr/bin/su": SetId(elf())},
        dict.fromkeys(used, Use.OPENED),
        (),
        run={"WorkingDir": "/app", "Env": ["PATH=/usr/bin"]},
        rules=load_rules(),
    )


def kept_of(found: Case) -> set[str]:
    plan = plan_for(found)
    return {item for item in PROGRAMS if ImagePath(f"/usr/bin/{item}") in plan.keep}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_program_of_a_table_of_the_application_stays(shape: str) -> None:
    assert kept_of(case({"/app/run.py": RUNNER, "/app/tools.py": SHAPES[shape]})) == KNOWN


@pytest.mark.parametrize("base", CONFIGURED)
def test_every_program_of_a_configured_table_stays(base: str) -> None:
    assert kept_of(case({"/app/run.py": RUNNER, f"/app/{base}": CONFIGURED[base]})) == KNOWN


def test_a_table_of_an_application_that_starts_nothing_keeps_no_words() -> None:
    kept = kept_of(
        case(
            {
                "/app/run.py": "import tools\n",
                "/app/tools.py": SHAPES["set"],
                "/app/allowed.toml": CONFIGURED["allowed.toml"],
            }
        )
    )
    assert kept.isdisjoint({"file", "convert", "ld", "less", "make", "patch", "su"})


@pytest.mark.parametrize(
    "words",
    [
        '["about", "file", "less", "make", "patch", "su"]',
        '{"name": "file", "git": 1, "sort": "less", "mode": "patch"}',
    ],
)
def test_words_of_english_are_no_table(words: str) -> None:
    assert kept_of(case({"/app/run.py": f"{RUNNER}WORDS = {words}\n"})) == set()


def test_a_table_of_a_library_keeps_no_version_control() -> None:
    module = "/usr/local/lib/python3.11/site-packages/a/__init__.py"
    owner = package(Ecosystem.PYPI, "a", (module,), modules=("a",))
    files: Files = {
        "/app/run.py": "import a\n",
        module: RUNNER + SHAPES["set"],
        **{f"/usr/bin/{item}": elf() for item in PROGRAMS},
    }
    plan = plan_for(
        Case(
            files,
            {module: Use.OPENED},
            (),
            packages=(owner,),
            run={"WorkingDir": "/app", "Env": ["PATH=/usr/bin"]},
            rules=load_rules(),
        )
    )
    assert ImagePath("/usr/bin/git") in plan.remove


def test_what_declares_dependencies_is_no_table() -> None:
    kept = kept_of(
        case(
            {
                "/app/run.py": RUNNER,
                "/app/pyproject.toml": CONFIGURED["allowed.toml"],
                "/app/requirements.txt": CONFIGURED["allowed.txt"],
            }
        )
    )
    assert kept == set()


def test_a_table_that_is_thin_among_other_words_is_none() -> None:
    text = "\n".join(
        word
        for item in ("git", "hg", "svn")
        for word in (*(f"word{item}{number}" for number in range(20)), item)
    )
    assert commands_in_configured_tables(text.encode(), KNOWN) == set()
    assert (
        commands_in_tables(
            ("X = [" + ", ".join(f"'{word}'" for word in text.split()) + "]").encode(), KNOWN
        )
        == set()
    )


@pytest.mark.parametrize(
    ("source", "commands"),
    [
        ('CHAIN = [\n    "gcc",\n    "ld",\n    "make",\n]\n', {"gcc", "ld", "make"}),
        ('CHAIN = Literal["gcc", "file"]\n', {"gcc", "file"}),
        ('PAIRS = [("gcc", "file"), ("less", 1)]\n', {"gcc", "file"}),
        ('CHAIN = ["gcc", "file", "other"]\n', set()),
        ('CHAIN = ["gcc", other, "file"]\n', set()),
        ('CHAIN = ["less", "file", "make"]\n', set()),
        ('CHAIN = ["gcc", *MORE]\n', set()),
    ],
)
def test_a_list_of_nothing_but_commands_is_a_collection(source: str, commands: set[str]) -> None:
    assert commands_in_tables(source.encode(), KNOWN) == commands


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ('X = {"kind": {"tool": "file", "limit": 5}}\n', {"file"}),
        ('show = functools.partial(run, "less")\n', {"less"}),
        ('X = {"kind": "file", "toolbox": "less"}\n', set()),
        ('X = "f" "fmpeg"\nY = "pdf" + "totext"\n', {"ffmpeg", "pdftotext"}),
    ],
)
def test_what_is_called_a_program_or_put_together_stays(source: str, kept: set[str]) -> None:
    assert kept_of(case({"/app/run.py": f"{RUNNER}{source}"})) == kept
    assert kept_of(case({"/app/run.py": source})).isdisjoint({"file", "less"})


@pytest.mark.parametrize(
    ("base", "text"),
    [
        ("hooks.json", '{"hooks": {"received": {"command": "less"}}}'),
        ("hooks.yaml", "hooks:\n  received:\n    command: less\n"),
    ],
)
def test_what_a_configuration_calls_a_command_stays(base: str, text: str) -> None:
    assert kept_of(case({"/app/run.py": RUNNER, f"/app/{base}": text})) == {"less"}
    assert kept_of(case({"/app/run.py": "import json\n", f"/app/{base}": text})) == set()
