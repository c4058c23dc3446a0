"""What a shell script starts, by position."""

import pytest

from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.scanners.commands.shell import shell_commands
from tests.support.plans import Case, Files, elf, plan_for
from tests.support.trees import Exec, SetId

KNOWN = frozenset({"git", "passwd", "more", "file", "getent", "gosu", "gs", "mail", "sort"})
SCRIPTS = [
    ('x=$(getent passwd "$PUID" | cut -d: -f1)\necho more file', {"getent"}, set()),
    ("git pull; passwd && gs || file\n", {"git", "passwd", "gs", "file"}, set()),
    (
        "if ! git x; then gs; else file x; fi\nwhile sort; do mail; done",
        {"git", "gs", "file", "sort", "mail"},
        set(),
    ),
    (
        'case "$1" in\n  more|passwd) git pull ;;\n  *) exec "$@" ;;\nesac\ngs',
        {"git", "gs"},
        {"more", "passwd"},
    ),
    (
        "x=$(case $a in more) git;; file) gs;; esac)\npasswd",
        {"git", "gs", "passwd"},
        {"more", "file"},
    ),
    ('for tool in git gs; do "$tool" -x; done', set(), {"git", "gs"}),
    (
        'TOOLS="git gs file"; LINE="gs -q | git x"; NOTE="see the more file there"',
        set(),
        {"git", "gs", "file"},
    ),
    ("exec gosu mail git clone", {"gosu", "mail"}, {"git"}),
    ("env A=b LANG=C nice -n 5 passwd", {"passwd"}, set()),
    ("sudo -u mail git x; timeout -s KILL 5 gs", {"mail", "git", "gs"}, set()),
    ("find . -name file -exec git {} +\nls | xargs -0 -n 1 gs", {"git", "gs"}, set()),
    (
        "su - app -c 'git pull && passwd'; bash -lc \"gs x\"; trap 'git y' EXIT",
        {"git", "passwd", "gs"},
        set(),
    ),
    ('set -- git "$@"\ncommand -v passwd', {"git"}, {"passwd"}),
    ('${PAGER:-more} x; y="${T:=gs -q}"', set(), {"more", "gs"}),
    ("git() { gs; }\nfile () { sort; }", {"gs", "sort"}, set()),
    ("cat <<EOF > /x\nmore text, don't\nEOF\npasswd", {"passwd"}, {"more"}),
    ("bash <<'EOF'\ngit x\nEOF\ngs", {"git", "gs"}, set()),
    ('tools=(git "$x" gs)\nrun_as app file x', set(), {"git", "gs", "file"}),
    (
        "(cd x && git) 2>&1 >file <more; echo $((1 + 2)) passwd; (( a = git )); gs",
        {"git", "gs"},
        set(),
    ),
    ('echo "`git x` $(gs "$(sort y)")" # passwd', {"git", "gs", "sort"}, set()),
    ('x="$(( $(git x) * 3 / (4 + `gs`) ))"; sort', {"git", "gs", "sort"}, set()),
    (": \"${NAME:?can't be empty}\"\ngit x\ngs '{print}'\nsort", {"git", "gs", "sort"}, set()),
    ("x=${A:-'gs -q'}; git", {"git"}, {"gs"}),
    ("((git x; gs) | sort); file y", {"git", "gs", "sort", "file"}, set()),
    ("x=$((git x; gs y) | sort); y=$(((1 + 2) * 3)); file", {"git", "gs", "sort", "file"}, set()),
    ("git \\\n  file \\\n  x", {"git"}, set()),
]


@pytest.mark.parametrize(("script", "started", "named"), SCRIPTS)
def test_commands_by_position(script: str, started: set[str], named: set[str]) -> None:
    found = shell_commands(script, KNOWN)
    assert found.started & KNOWN == started
    assert found.named & KNOWN == named


@pytest.mark.parametrize(
    "part",
    [
        "${",
        "$(",
        "`",
        "'",
        '"',
        "((",
        "(",
        "<<a\n",
        "a|",
        "case x in ",
        'x="',
        "$((",
        "a b ",
        "\\",
        "su -c 'x ' ",
        "a=(b ",
        ")",
        "env ",
        "/e ",
        "f(",
        "((a)b",
        "$((a)b",
    ],
)
def test_what_does_not_end_ends_all_the_same(part: str) -> None:
    shell_commands(part * 5000, KNOWN)


def script_case(script: str) -> Case:
    files: Files = {
        "/app/start.sh": Exec(script.encode()),
        "/usr/bin/passwd": SetId(elf()),
        "/usr/bin/getent": elf(),
        "/usr/bin/free": elf(),
        "/usr/bin/git": elf(),
    }
    return Case(
        files,
        {"/app/start.sh": Use.EXECUTED},
        (),
        run={"WorkingDir": "/app", "Env": ["PATH=/usr/bin"]},
    )


def test_an_argument_keeps_no_setuid_program() -> None:
    plan = plan_for(script_case('#!/bin/sh\nname=$(getent passwd "$PUID")\necho free\nexec "$@"\n'))
    assert ImagePath("/usr/bin/getent") in plan.keep
    assert {ImagePath("/usr/bin/passwd"), ImagePath("/usr/bin/free")} <= set(plan.remove)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("passwd -d x", True),
        ("/usr/bin/passwd -d x", True),
        ("x=passwd", False),
        ("run passwd", False),
        ("sudo passwd", True),
    ],
)
def test_a_setuid_program_stays_where_a_command_stands(line: str, kept: bool) -> None:
    assert (
        ImagePath("/usr/bin/passwd") in plan_for(script_case(f"#!/bin/sh\n{line}\n")).keep
    ) is kept


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ('FIELDS = {"passwd": "git"}\n', False),
        ('import subprocess\nsubprocess.run(["passwd", "-d", name])\n', True),
        ('import subprocess\nsubprocess.run("getent passwd", shell=True)\n', False),
        ('PROGRAM = "/usr/bin/passwd"\n', True),
    ],
)
def test_a_word_of_the_source_keeps_no_setuid_program(source: str, kept: bool) -> None:
    case = script_case("#!/bin/sh\n")
    files = {**case.files, "/app/main.py": source}
    plan = plan_for(Case(files, {**case.used, "/app/main.py": Use.OPENED}, (), run=case.run))
    assert (ImagePath("/usr/bin/passwd") in plan.keep) is kept
