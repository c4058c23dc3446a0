"""Settings that hold code: scripts of workflows, Python for a kernel, programs of servers."""

import pytest

from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath
from careen.model.runs.trace import Use
from careen.plan.mechanisms.commands.configured_commands import programs_of, scripts_of
from tests.support.plans import Case, Files, elf, package, plan_for

SITE = "/usr/local/lib/python3.11/site-packages"
MODULE = f"{SITE}/rapidfuzz/__init__.py"
TOOL = "/usr/bin/pdftotext"
STARTS: Files = {"/app/m.py": "import subprocess\nsubprocess.run(step, shell=True)\n"}


def kept(files: Files, variables: tuple[str, ...] = ()) -> set[str]:
    """What stays of an application below /app, a distribution and a command."""
    everything: Files = {
        "/usr/local/lib/python3.11/os.py": "",
        "/usr/local/lib/python3.11/encodings/__init__.py": "",
        "/usr/local/bin/python3.11": elf(),
        TOOL: elf(),
        MODULE: "",
        "/usr/bin/x": elf(),
        "/app/n": "",
        **files,
    }
    found = package(Ecosystem.PYPI, "rapidfuzz", (MODULE,), modules=("rapidfuzz",))
    used = {"/usr/bin/x": Use.EXECUTED, "/usr/local/bin/python3.11": Use.EXECUTED}
    run = {"WorkingDir": "/app", "Env": list(variables)}
    return set(plan_for(Case(everything, used, (), packages=(found,), run=run)).keep)


@pytest.mark.parametrize(
    ("path", "text", "stays"),
    [
        ("/app/w.yaml", "steps:\n  - run: |\n      set -e\n      pdftotext in.pdf\n", True),
        ("/app/w.yaml", "steps:\n  - shell: >-\n      cat x | pdftotext\n", True),
        ("/app/w.toml", 'script = """\npdftotext in.pdf\n"""\n', True),
        ("/app/w.yaml", "steps:\n  - note: |\n      pdftotext in.pdf\n", False),
        ("/app/w.yaml", "steps:\n  - run: |\n      true\n    by: pdftotext in\n", False),
        ("/app/.github/w.yaml", "steps:\n  - run: |\n      pdftotext in.pdf\n", False),
        ("/app/Snakefile", 'rule a:\n  shell: "pdftotext -layout {input}"\n', True),
        ("/app/x.service", "[Service]\nExecStart=/usr/bin/pdftotext -x\n", True),
    ],
)
def test_scripts_of_workflows_start_commands(path: str, text: str, stays: bool) -> None:
    assert (TOOL in kept({**STARTS, path: text})) is stays


def test_a_block_ends_where_its_indentation_does() -> None:
    text = "a:\n  run: |\n    one\n\n      two\n  b: |\n    three\nscript: >\n  four\n"
    assert [*scripts_of(text)] == ["one\n\ntwo", "four"]


def test_the_program_of_a_server_counts_in_an_application_that_starts_none_itself() -> None:
    text = '{"servers": {"a": {"command": "pdftotext", "args": ["in.pdf"]}}}'
    assert TOOL in kept({"/app/servers.json": text})
    assert TOOL not in kept({"/app/servers.json": text.replace("command", "format")})
    assert programs_of("command: sort\n", {"sort"}) == frozenset()  # an English word


@pytest.mark.parametrize(
    ("path", "text", "stays"),
    [
        ("/app/x.yaml", "code: |\n  import rapidfuzz\n", True),
        ("/app/x.json", '{"code": "import os\\nimport rapidfuzz\\n"}', True),
        ("/app/x.txt", "from rapidfuzz import process\n", True),
        ("/app/SKILL.md", "---\nname: x\n---\n```python\nimport rapidfuzz\n```\n", True),
        ("/app/job.py.j2", "import rapidfuzz\n", True),
        ("/app/k.py", 'client.execute("import rapidfuzz; rapidfuzz.x()")\n', True),
        ("/app/x.txt", "You may import rapidfuzz if it helps.\n", False),
        ("/app/k.py", 'raise ValueError("cannot import rapidfuzz")\n', False),
    ],
)
def test_python_in_settings_and_texts_imports(path: str, text: str, stays: bool) -> None:
    assert (MODULE in kept({path: text})) is stays


def test_a_cache_that_the_application_names_stays_and_those_of_tools_go() -> None:
    files: Files = {"/var/cache/models/x.bin": "", "/var/cache/pip/y.whl": ""}
    found = kept(files, ("HF_HOME=/var/cache/models", "PIP_CACHE_DIR=/var/cache/pip"))
    assert "/var/cache/models/x.bin" in found
    assert "/var/cache/pip/y.whl" not in found


def test_a_directory_of_programs_brings_the_tree_around_it() -> None:
    files: Files = {
        "/app/m.py": 'os.environ["PATH"] += ":/opt/tool/bin"\n',
        "/opt/tool/bin/t": elf(),
        "/opt/tool/share/d": "",
        "/opt/other/d": "",
    }
    found = kept(files)
    assert {"/opt/tool/bin/t", "/opt/tool/share/d"} <= found
    assert "/opt/other/d" not in found


@pytest.mark.parametrize(
    "source",
    [
        'os.path.join(sys.prefix, "share", "shop", "labels.json")',
        'Path(sys.prefix) / "share" / "shop" / name',
        'Path(sys.base_prefix, "share/shop/labels.json")',
    ],
)
def test_data_below_the_prefix_of_python_is_named_by_it(source: str) -> None:
    labels = "/usr/local/share/shop/labels.json"
    assert labels in kept({"/app/m.py": f"x = {source}\n", labels: ""})
    assert labels not in kept({"/app/m.py": "x = sys.prefix\n", labels: ""})


def test_what_lies_below_a_virtual_environment_does_too() -> None:
    files: Files = {"/venv/pyvenv.cfg": "home = /usr/local/bin\n", "/venv/share/shop/x": ""}
    plan = plan_for(
        Case(
            {**files, "/app/m.py": 'x = Path(sys.prefix) / "share" / "shop"\n'},
            {"/app/m.py": Use.OPENED},
            (),
            run={"WorkingDir": "/app"},
        )
    )
    assert ImagePath("/venv/share/shop/x") in plan.keep
