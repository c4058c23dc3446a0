"""What settings, tables, variables and commands of an image name: paths, modules, programs."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from careen.plan.mechanisms.application.settings import is_settings
from careen.plan.scanners.commands.lines import is_command_line
from tests.support.plans import NO_RULES, Case, Files, elf, package, plan_for
from tests.support.trees import Exec, SetId

SITE = "/usr/local/lib/python3.11/site-packages"
MODULE = f"{SITE}/rapidfuzz/__init__.py"
PYTHON: Files = {"/usr/local/lib/python3.11/os.py": "", "/usr/local/bin/python3.11": elf()}
VOICES: Files = {"/opt/voices/voice-de.onnx": "d", "/opt/voices/voice-fr.onnx": "f"}
GERMAN, FRENCH = VOICES


def kept(files: Files, variables: tuple[str, ...] = (), command: tuple[str, ...] = ()) -> set[str]:
    """What stays of an application below /app, a distribution and two voices."""
    run = {"WorkingDir": "/app", "Env": list(variables), "Cmd": list(command)}
    found = package(Ecosystem.PYPI, "rapidfuzz", (MODULE,), modules=("rapidfuzz",))
    everything = {**PYTHON, **VOICES, MODULE: "", "/usr/bin/x": elf(), "/app/n": "", **files}
    used = {"/usr/bin/x": Use.EXECUTED, "/usr/local/bin/python3.11": Use.EXECUTED}
    return set(plan_for(Case(everything, used, (), packages=(found,), run=run)).keep)


ONE, ALL = {GERMAN}, {GERMAN, FRENCH}
SOURCES: Mapping[str, set[str]] = {
    'f"/opt/voices/voice-{language}.onnx"': ALL,
    'f"/opt/voices/voice-d{rest}.onnx"': ALL,  # the unowned tree around the one that it may be
    '"/opt/voices/voice-" + language': ALL,
    '"/opt/voices/%s.onnx" % name': ALL,
    '"/opt/voices/voice-%(name)s.onnx" % names': ALL,
    'glob("/opt/voi*/x")': ALL,
    'os.path.join("/opt", "voices", name)': ALL,
    'Path("/opt") / "voices" / name': ALL,
    '"file:///opt/voices/voice-de.onnx"': ALL,
    '"sqlite:////opt/voices/voice-de.onnx"': ALL,
    'f"/opt/voices/sound-{name}.onnx"': set(),
    '"/opt/voices/voice"': set(),
    '"/opt/v%s" % name': set(),  # two letters in a directory of all
    '"https://example.org/opt/voices/voice-de.onnx"': set(),
}


@pytest.mark.parametrize("source", SOURCES)
def test_a_path_is_also_named_by_its_beginning_in_pieces_and_by_a_url(source: str) -> None:
    assert kept({"/app/m.py": f"X = {source}\n"}) & ALL == SOURCES[source]


def test_a_beginning_in_a_directory_of_all_names_nothing_of_packages_and_no_setuid_program() -> (
    None
):
    files: Files = {
        "/app/m.py": 'X = f"/usr/lib/libx-{n}.so", f"/opt/tool-{n}", f"/usr/local/bin/run-{n}"\n',
        "/usr/lib/libx-1.so": "",
        "/usr/lib/libx-2.so": "",
        "/opt/tool-1/x": "",
        "/opt/tool-2/y": "",
        "/usr/local/bin/run-1": Exec(b"x"),
        "/usr/local/bin/run-2": SetId(b"x"),
    }
    owned = package(Ecosystem.DEB, "two", ("/opt/tool-2/y", "/usr/lib/libx-2.so"))
    run = {"WorkingDir": "/app"}
    plan = plan_for(Case(files, {"/app/m.py": Use.OPENED}, (), packages=(owned,), run=run))
    assert {"/opt/tool-1/x", "/usr/lib/libx-1.so", "/usr/local/bin/run-1"} <= set(plan.keep)
    assert {"/usr/lib/libx-2.so", "/opt/tool-2/y", "/usr/local/bin/run-2"} <= set(plan.remove)


@pytest.mark.parametrize(
    ("files", "user", "stays"),
    [
        ({"/app/start.sh": "#!/bin/sh\nexec su-exec shop python main.py\n"}, "", True),
        ({"/etc/supervisor/conf.d/w.conf": "[program:w]\nuser=shop\n"}, "root:root", True),
        ({"/app/start.sh": "#!/bin/sh\nexec su-exec shop python main.py\n"}, "1000", False),
        ({"/app/start.sh": "#!/bin/sh\nexec su-exec shops python main.py\n"}, "", False),
        ({"/app/main.py": "shop = FastAPI()\n"}, "", False),
    ],
)
def test_roots_scripts_and_configuration_name_the_account_that_the_application_runs_as(
    files: Files, user: str, *, stays: bool
) -> None:
    passwd = "root:x:0:0::/root:/bin/sh\nshop:x:1001:9::/home/shop:/bin/sh\nx:x:1:1::/:/x\n"
    every: Files = {"/etc/passwd": passwd, "/home/shop/.cache/till.bin": "", **files}
    used = dict.fromkeys(files, Use.OPENED)
    plan = plan_for(Case(every, used, (), run={"WorkingDir": "/app", "User": user}))
    assert (ImagePath("/home/shop/.cache/till.bin") in plan.keep) is stays


@pytest.mark.parametrize(
    ("source", "stays"),
    [
        ("MODEL = '../models/till.bin'\n", True),
        ("MODEL = '../../srv/models'\n", True),
        ("MODEL = '../models/none.bin'\n", False),
        ("MODEL = 'x../models/till.bin'\n", False),
    ],
)
def test_a_relative_path_leads_out_of_the_application(source: str, *, stays: bool) -> None:
    files: Files = {"/srv/shop/main.py": source, "/srv/models/till.bin": ""}
    used = {"/srv/shop/main.py": Use.OPENED}
    plan = plan_for(Case(files, used, (), run={"WorkingDir": "/srv/shop"}))
    assert (ImagePath("/srv/models/till.bin") in plan.keep) is stays


def test_a_path_may_lack_the_ending_of_a_library_which_the_program_adds() -> None:
    files: Files = {
        "/app/main.py": "db.load_extension('/usr/local/lib/vector')\n",
        "/usr/local/lib/vector.so": "",
        "/usr/local/lib/other.so": "",
    }
    plan = plan_for(
        Case(files, {"/app/main.py": Use.OPENED}, (), run={"WorkingDir": "/app"}),
    )
    assert ImagePath("/usr/local/lib/vector.so") in plan.keep
    assert ImagePath("/usr/local/lib/other.so") in plan.remove


@pytest.mark.parametrize(
    "command",
    [
        ("x", "/opt/voices"),
        ("x", "--voices=/opt/voices"),
        ("x", "--extra", "de=/opt/voices/voice-de.onnx"),
        ("/bin/sh", "-c", "exec x --voices /opt/voices"),
    ],
)
def test_what_the_command_of_the_image_names_stays(command: tuple[str, ...]) -> None:
    assert kept({}, command=command) >= ALL


@pytest.mark.parametrize(
    ("variable", "stays"),
    [
        ("ARGS=--voices /opt/voices", True),
        ("LANGUAGES=en=/opt/none,de=/opt/voices", True),
        ("URL=sqlite:////opt/voices/voice-de.onnx", True),
        ("VOICE=/opt/voices/voice-{language}.onnx", True),
        ("NOTE=see /opt/voices", False),
    ],
)
def test_a_variable_names_paths_in_options_lists_and_urls(variable: str, stays: bool) -> None:
    assert (kept({}, (variable,)) >= ALL) is stays


SETTINGS: Mapping[str, tuple[str, str]] = {
    "/app/v.csv": ("de,/opt/voices/voice-de.onnx\n", "a,rapidfuzz.process\n"),
    "/app/v.txt": ("/opt/voices/voice-de.onnx\n", "rapidfuzz.process\n"),
    "/app/v.jsonl": ('{"p": "/opt/voices/voice-de.onnx"}\n', '{"p": "rapidfuzz.process:X"}\n'),
    "/app/v.sql": ("VALUES ('/opt/voices/voice-de.onnx');\n", "VALUES ('rapidfuzz.process');\n"),
    "/app/.env.production": ("V=/opt/voices\n", "V=rapidfuzz.process\n"),
    "/app/v.yaml.j2": ("v: /opt/voices\n", "v: rapidfuzz.process\n"),
    "/app/Procfile": ("v: x /opt/voices\n", "v: python3.11 -m rapidfuzz\n"),
    "/app/SKILL.md": ("---\nn: v\n---\n`/opt/voices`\n", '---\nn: "rapidfuzz.process"\n---\n'),
}


@pytest.mark.parametrize("path", SETTINGS)
def test_settings_and_tables_of_every_kind_name_paths_and_modules(path: str) -> None:
    place, module = SETTINGS[path]
    assert kept({path: place}) >= ALL
    assert MODULE in kept({path: module})
    assert MODULE not in kept({path: place})


def test_a_database_names_paths_and_modules(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "x.db") as database:
        database.execute("create table v (path, module)")
        database.execute("insert into v values ('/opt/voices', 'rapidfuzz.process')")
    database.close()
    assert kept({"/app/x.db": (tmp_path / "x.db").read_bytes()}) >= {*ALL, MODULE}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/app/README.md", '---\nlicense: mit\n---\n"rapidfuzz.process" /opt/voices\n'),
        ("/app/guide.md", '# Guide\n"rapidfuzz.process" /opt/voices\n'),
        ("/app/requirements.txt", "rapidfuzz.process\n"),
        ("/app/notes.txt", "rapidfuzz.process is fast\n"),
        ("/app/ci.yaml", "run: python3.11 -m other\n"),
    ],
)
def test_prose_and_lists_of_requirements_name_nothing(path: str, text: str) -> None:
    assert kept({path: text}).isdisjoint({*ALL, MODULE})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/etc/supervisor/conf.d/x.conf", "command=/usr/local/bin/python3.11 -m rapidfuzz\n"),
        ("/etc/cron.d/x", "* * * * * root python3.11 -m rapidfuzz\n"),
        ("/app/x.json", '{"command": "python3.11", "args": ["-m", "rapidfuzz"]}\n'),
    ],
)
def test_a_configuration_or_a_schedule_runs_modules(path: str, text: str) -> None:
    assert MODULE in kept({path: text})
    assert MODULE not in kept({path: text.replace("rapidfuzz", "other")})


@pytest.mark.parametrize(
    ("variables", "command", "stays"),
    [
        (("BACKEND=rapidfuzz.process:Scorer",), (), True),
        (("ARGS=-k rapidfuzz.Worker",), (), True),
        ((), ("x", "--late=rapidfuzz.process"), True),
        (("URL=https://rapidfuzz.example.org/x",), (), False),
        (("FILE=rapidfuzz.json",), (), False),
    ],
)
def test_a_dotted_name_in_the_images_configuration_names_a_module(
    variables: tuple[str, ...], command: tuple[str, ...], stays: bool
) -> None:
    assert (MODULE in kept({}, variables, command)) is stays


@pytest.mark.parametrize("makes", [True, False])
def test_recipes_of_a_makefile_start_commands_once_make_is_kept(makes: bool) -> None:
    files: Files = {
        "/app/Makefile": "PAGES = x\nreport:\n\t@pandoc x.md | tidy\n\ntac:\n",
        "/usr/bin/make": elf(),
        "/usr/bin/pandoc": elf(),
        "/usr/bin/tidy": elf(),
        "/usr/bin/tac": elf(),
    }
    used = {"/usr/bin/make" if makes else "/app/Makefile": Use.EXECUTED}
    plan = plan_for(Case(files, used, (), run={"WorkingDir": "/app"}))
    assert ({"/usr/bin/pandoc", "/usr/bin/tidy"} <= set(plan.keep)) is makes
    assert ImagePath("/usr/bin/tac") in plan.remove


def test_a_filter_of_git_is_a_command_line() -> None:
    files: Files = {
        "/etc/gitconfig": '[filter "lfs"]\n\tsmudge = git-lfs smudge -- %f\n',
        "/usr/bin/git": elf(),
        "/usr/bin/git-lfs": elf(),
    }
    assert (
        ImagePath("/usr/bin/git-lfs")
        in plan_for(Case(files, {"/usr/bin/git": Use.EXECUTED}, ())).keep
    )
    assert not is_command_line("git-lfs -- a tool for large files", {"git-lfs"})


def test_which_names_are_of_settings() -> None:
    named = ("a.json", "a.ini.dist", ".env.local", "x/Procfile", ".gitconfig", "a.db", "a.hcl")
    assert all(is_settings(ImagePath(f"/app/{item}")) for item in named)
    assert not any(is_settings(ImagePath(f"/app/{item}")) for item in ("a.py", "env", "a.onnx"))


def test_corpora_stay_in_the_directories_of_every_prefix() -> None:
    corpora = ("/opt/venv/nltk_data/x", "/usr/local/nltk_data/y")
    source = f"{SITE}/nltk/__init__.py"
    files: Files = {**PYTHON, source: "", **dict.fromkeys(corpora, "")}
    nltk = package(Ecosystem.PYPI, "nltk", (source,), modules=("nltk",))
    for rules, stay in ((load_rules(), True), (NO_RULES, False)):
        plan = plan_for(
            Case(files, {source: Use.OPENED}, (), packages=(nltk,), rules=rules),
        )
        assert ({*corpora} <= set(plan.keep)) is stay


@pytest.mark.parametrize("tool", ["mypy", "other"])
def test_stubs_stay_where_the_application_starts_a_type_checker(tool: str) -> None:
    stub = f"{SITE}/rapidfuzz/__init__.pyi"
    files: Files = {
        **PYTHON,
        MODULE: "",
        stub: "",
        "/app/m.py": f'import subprocess\nsubprocess.run(["{tool}", "--strict", path])\n',
        "/usr/bin/mypy": Exec(b"#!/bin/sh\n"),
    }
    found = package(Ecosystem.PYPI, "rapidfuzz", (MODULE, stub), modules=("rapidfuzz",))
    used = {"/app/m.py": Use.OPENED, MODULE: Use.OPENED}
    run = {"WorkingDir": "/app"}
    plan = plan_for(Case(files, used, (), packages=(found,), run=run, rules=load_rules()))
    assert (ImagePath(stub) in plan.keep) is (tool == "mypy")
