"""Command lines that stand in one place of an application and are run in another."""

import sqlite3
from pathlib import Path

import pytest

from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.core.rules import load_rules
from careen.plan.scanners.commands.lines import command_lines
from careen.plan.scanners.database_texts import MAX_COLUMNS, texts_of
from tests.support.plans import Case, Files, elf, plan_for

pytestmark = pytest.mark.slow

KNOWN = frozenset(
    {"pdftoppm", "git", "file", "convert", "sort", "jq", "gs", "make", "date", "openssl"}
)


@pytest.mark.parametrize(
    ("source", "commands"),
    [
        ('preview = "pdftoppm -f 1 -png"\n', {"pdftoppm"}),
        ('clone = "git clone {url}"\n', {"git"}),
        ('clone = "git clone --depth 1"\n', {"git"}),
        ('draw = "gs /tmp/x | jq ."\n', {"gs", "jq"}),
        ('draw = "LANG=C gs %s"\n', {"gs"}),
        ('steps = "set -e\\ngit -C x pull"\n', {"git"}),
        ('kind = "file -b"\n', {"file"}),
        ('kind = "convert {source} {target}"\n', {"convert"}),
        ('SCRIPT = """\n  git -C {folder} log\n"""\n', {"git"}),
        ('def f():\n    """\n    git -C x\n    """\n', set()),
        ('raise E("file {name} not found")\n', set()),
        ('log("sort by {key}")\n', set()),
        ('log("date: {key}")\n', set()),
        ('log("git is not there")\n', set()),
        ('log("make the -x thing")\n', set()),
        ('key = "openssl req -x509 -newkey ec -out {path}"\n', {"openssl"}),
        ('key = "openssl rand -hex 16"\n', {"openssl"}),
        ('look = "openssl s_client -connect {host}"\n', {"openssl"}),
        ('log("openssl backend is missing")\n', set()),
        ('log("sort them -r or not")\n', set()),
    ],
)
def test_literals_that_read_as_command_lines(source: str, commands: set[str]) -> None:
    assert command_lines(source.encode(), KNOWN) == commands


LINES = {
    "/app/settings.py": (
        'class Settings:\n    preview_command: str = "pdftoppm -f 1 -l 1 {source}"\n'
    ),
    "/app/settings.toml": '[preview]\nrun = "pdftoppm {source} {target}"\n',
    "/app/settings.yaml": "preview:\n  run: pdftoppm /dev/stdin {target}\n",
    "/app/settings.ini": "[preview]\nrun = nice pdftoppm -png\n",
    "/app/.env": "PREVIEW=pdftoppm -f 1\n",
    "/app/.env.production": 'PREVIEW="pdftoppm -f 1"\n',
    "/app/fixtures.json": (
        '[{"model": "x", "fields": {"name": "preview", "line": "pdftoppm $SOURCE"}}]'
    ),
    "/app/fixtures.sql": "INSERT INTO tools VALUES (1, 'preview', 'pdftoppm -f 1');\n",
    "/app/tools.csv": "name,line\npreview,pdftoppm -f 1 {source}\n",
    "/app/Procfile": "preview: pdftoppm -f 1\n",
    "/app/tools.xml": "<tool><run>pdftoppm -f 1</run></tool>\n",
}


def scene(files: Files, env: tuple[str, ...] = ()) -> Case:
    found: Files = {
        "/app/run.py": "import os\n",
        "/usr/bin/pdftoppm": elf(),
        "/usr/bin/nice": elf(),
        "/usr/bin/gs": elf(),
        "/usr/bin/git": elf(),
        **files,
    }
    return Case(
        found,
        {"/app/run.py": Use.OPENED},
        (),
        run={"WorkingDir": "/app", "Env": ["PATH=/usr/bin", *env]},
        rules=load_rules(),
    )


@pytest.mark.parametrize("path", LINES)
def test_a_command_line_counts_wherever_the_application_has_it(path: str) -> None:
    plan = plan_for(scene({path: LINES[path]}))
    assert plan.keep[ImagePath("/usr/bin/pdftoppm")].because == path
    assert ImagePath("/usr/bin/gs") in plan.remove


@pytest.mark.parametrize(
    "value", ["PREVIEW=pdftoppm -f 1", "PREVIEW_COMMAND=pdftoppm", "ALLOWED=git,pdftoppm,gs"]
)
def test_a_command_line_in_a_variable_of_the_image_counts(value: str) -> None:
    assert ImagePath("/usr/bin/pdftoppm") in plan_for(scene({}, (value,))).keep
    assert ImagePath("/usr/bin/pdftoppm") in plan_for(scene({}, ("PREVIEW=pdftoppm",))).remove


def test_a_line_of_shell_counts_if_another_module_starts_programs() -> None:
    settings = {"/app/a_settings.py": 'LINE = "cd work; gs && git"\nclean_command = "pdftoppm"\n'}
    assert {ImagePath("/usr/bin/gs"), ImagePath("/usr/bin/git")} <= set(
        plan_for(scene(settings)).remove
    )
    plan = plan_for(
        scene({**settings, "/app/run.py": "import subprocess\nsubprocess.run(LINE, shell=True)\n"})
    )
    assert {"/usr/bin/gs", "/usr/bin/git", "/usr/bin/pdftoppm"} <= set(plan.keep)


def test_a_value_of_one_word_counts_if_the_application_starts_programs() -> None:
    settings = {"/app/settings.toml": 'converter = "pdftoppm"\nmode = "git-x"\n'}
    assert ImagePath("/usr/bin/pdftoppm") in plan_for(scene(settings)).remove
    assert (
        ImagePath("/usr/bin/pdftoppm")
        in plan_for(scene({**settings, "/app/run.py": "import subprocess\n"})).keep
    )


def database(folder: Path, rows: int, line: str) -> bytes:
    path = folder / "x.db"
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TABLE tools (id INTEGER PRIMARY KEY, name TEXT, line TEXT, weight REAL, data"
            " BLOB)"
        )
        connection.executemany(
            "INSERT INTO tools (name, line, weight, data) VALUES (?, ?, 1.5, x'00')",
            ((f"n{number}", line) for number in range(rows)),
        )
    connection.close()
    return path.read_bytes()


def test_a_database_of_the_application_names_commands(tmp_path: Path) -> None:
    data = database(tmp_path, 300, "pdftoppm -f 1 {source} é")
    assert list(texts_of(data)).count("pdftoppm -f 1 {source} é") == 300
    assert ImagePath("/usr/bin/pdftoppm") in plan_for(scene({"/app/tools.sqlite3": data})).keep
    assert (
        ImagePath("/usr/bin/pdftoppm")
        in plan_for(scene({"/app/tools.sqlite3": data.replace(b"SQLite", b"SQLife")})).remove
    )


def test_a_broken_database_ends(tmp_path: Path) -> None:
    data = database(tmp_path, 20, "pdftoppm -f 1")
    for at in range(16, len(data), 41):
        list(texts_of(data[:at] + b"\xff" * 9 + data[at + 9 :]))
    page = bytearray(b"\x0d\0\0\xff\xff\0\0\0" + b"\xff\xf0" * 32000).ljust(65536, b"\x01")
    hostile = bytearray(data[:16] + b"\0\1" + data[18:100]).ljust(65536, b"\0") + page * 40
    assert sum(1 for _ in texts_of(bytes(hostile))) <= MAX_COLUMNS
