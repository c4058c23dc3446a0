"""What holds the repository itself together: nothing of a developer's machine in it, links that
lead somewhere, dependencies with a reason.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from careen.errors import CareenError, VerificationError
from careen.plan.core.rules import Condition, Rule, parse_rules
from careen.tools.process import check
from careen.workload.configuration.project import load_config

pytestmark = pytest.mark.slow

CHECKOUT = Path(__file__).resolve().parent.parent.parent
GENERATED = {"requirements/run.txt", "requirements/dev.txt", "demo/requirements.txt"}

# Written in pieces, so that this file does not contain what it looks for.
FORBIDDEN = {
    "a developer's folder": r"/(?:wo" r"rk|fa" r"rm)/|/ro" r"ot/\.py" r"env",
    "a package index or mirror": r"py"
    r"pi\.org|files\.python"
    r"hosted|registry\.np"
    r"mjs|deb\.deb"
    r"ian\.org|uv\."
    r"lock\b",
    "a machine's helper": r"(?i)\b(?:cla" r"ude|chat" r"gpt|anth" r"ropic|sub" r"agent)\b",
    "work that was put off": r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b",
}


@cache
def tracked() -> tuple[str, ...]:
    """Name the files of the repository: what git tracks, and what it would."""
    listed = check(
        [
            "git",
            "-C",
            str(CHECKOUT),
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ],
        timeout=60,
        doing="listing the repository",
    )
    return tuple(name for name in listed.text.split("\0") if name and (CHECKOUT / name).is_file())


def texts() -> Iterator[tuple[str, str]]:
    for name in tracked():
        data = (CHECKOUT / name).read_bytes()
        if b"\0" not in data[:8192]:
            yield name, data.decode("utf-8", "replace")


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in texts()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def headings(text: str) -> set[str]:
    """Return the anchors that a Markdown file's headings make."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def broken_links(name: str, text: str) -> Iterator[str]:
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        aim = (CHECKOUT / name).parent / path if path else CHECKOUT / name
        if not aim.exists() or (anchor and anchor not in headings(aim.read_text(encoding="utf-8"))):
            yield f"{name}: {target}"


def test_links_in_documents_lead_somewhere() -> None:
    assert [
        broken
        for name, text in texts()
        if name.endswith(".md")
        for broken in broken_links(name, text)
    ] == []


def test_documents_that_the_code_names_exist() -> None:
    named = {
        (name, path)
        for name, text in texts()
        if name.startswith("src/")
        for path in re.findall(r"\bdocs/[\w./-]+\.(?:md|json)\b", text)
    }
    assert sorted(f"{name}: {path}" for name, path in named if not (CHECKOUT / path).exists()) == []


def test_every_dependency_has_a_reason() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {
        Requirement(line).name
        for line in (*project["dependencies"], *project["optional-dependencies"]["dev"])
    }
    document = (CHECKOUT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    named = {
        word.strip()
        for row in re.findall(r"^\| ([^|]+) \|", document, re.MULTILINE)
        for word in re.sub(r"\(.*?\)", "", row).split(",")
    }
    assert sorted(wanted - named) == []


@pytest.mark.parametrize("name", sorted(GENERATED))
def test_pins_have_hashes_and_no_index(name: str) -> None:
    text = (CHECKOUT / name).read_text(encoding="utf-8")
    entries = [
        entry
        for entry in re.sub(r"\\\n\s*", "", text).splitlines()
        if entry and not entry.startswith("#")
    ]
    assert len(entries) > 20
    assert [
        entry[:60]
        for entry in entries
        if not re.match(r"[A-Za-z0-9._-]+(\[[\w, -]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}", entry)
    ] == []
    assert re.search(r"://|--(?:extra-)?index|--find-links", text) is None


def test_pins_cover_what_the_project_asks_for() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = dict(
        re.findall(
            r"^([A-Za-z0-9._-]+)(?:\[[\w, -]+\])?==([^ ]+)",
            (CHECKOUT / "requirements" / "dev.txt").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )
    wanted = [
        Requirement(line)
        for line in (*project["dependencies"], *project["optional-dependencies"]["dev"])
    ]
    assert [
        str(want) for want in wanted if not want.specifier.contains(pinned.get(want.name, "0"))
    ] == []


def test_every_room_has_its_place_in_the_architecture() -> None:
    page = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {
        path.stem
        for path in (CHECKOUT / "src" / "careen").iterdir()
        if (path / "__init__.py").is_file() or path.name == "errors.py"
    }
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == rooms
    settings = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    contract, *inside = settings["tool"]["importlinter"]["contracts"]
    assert contract["exhaustive"]
    assert all(each["exhaustive"] for each in inside)
    assert "\n".join(layer for layer in contract["layers"] if layer != "__main__") in page
    folders = (CHECKOUT / "src" / "careen" / "pipeline").glob("*/__init__.py")
    listed = set(re.findall(r"^\| `pipeline/(\w+)` \|", page, re.MULTILINE))
    assert listed | {"why", "ignore"} == {path.parent.name for path in folders}


def test_what_the_architecture_names_exists() -> None:
    page = (CHECKOUT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[a-z_]+/)+[\w.-]*)`", page))
    assert len(named) > 10
    alone = set(re.findall(r"`([\w-]+\.(?:py|toml))`", page)) - {"careen.toml", "pyproject.toml"}
    assert [name for name in sorted(alone) if not [*(CHECKOUT / "src").rglob(name)]] == []
    assert (
        sorted(
            name
            for name in named
            if not any(
                (root / name).exists()
                for root in (
                    CHECKOUT,
                    CHECKOUT / "src" / "careen",
                    CHECKOUT / "src" / "careen" / "sensor",
                )
            )
        )
        == []
    )


def test_exit_statuses_are_documented() -> None:
    rows = set(
        re.findall(
            r"^\| (\d) \|",
            (CHECKOUT / "docs" / "exit-codes.md").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )
    assert rows == {"0", "1", "2", "3", "4"}
    assert {str(CareenError.exit_status), str(VerificationError.exit_status)} == {"1", "3"}


def test_the_documented_configuration_is_valid(tmp_path: Path) -> None:
    block = re.search(
        r"```toml\n(.*?)```",
        (CHECKOUT / "docs" / "careen-toml.md").read_text(encoding="utf-8"),
        re.DOTALL,
    )
    assert block is not None
    (tmp_path / "careen.toml").write_text(block[1], encoding="utf-8")
    config = load_config(tmp_path / "careen.toml")
    assert [workload.name for workload in config.workloads] == ["serve", "migrate"]
    assert config.workloads[1].limits.ready == 300.0
    assert config.report_dir == tmp_path / "careen-out" / "service"


def test_the_documented_rule_is_valid() -> None:
    block = re.search(
        r"```toml\n(.*?)```", (CHECKOUT / "docs" / "plan.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert block is not None
    rules = parse_rules(block[1].encode(), "docs/plan.md")
    assert rules
    assert all(
        rule.keep or rule.drop or rule.siblings or rule.packages or rule.commands for rule in rules
    )


def test_every_key_of_a_rule_is_documented() -> None:
    document = (CHECKOUT / "docs" / "plan.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`(\w+)`", document))
    assert {item.name for kind in (Rule, Condition) for item in fields(kind)} - {
        "origin"
    } <= documented


def test_every_need_of_a_test_is_documented() -> None:
    markers = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "pytest"
    ]["ini_options"]["markers"]
    said = (
        (CHECKOUT / "docs" / "development.md")
        .read_text(encoding="utf-8")
        .partition("with a marker:")[2]
        .partition(". ")[0]
    )
    assert set(re.findall(r"`(\w+)`", said)) == {
        name for marker in markers if (name := marker.partition(":")[0]) != "slow"
    }


def test_make_knows_what_the_readme_asks_for() -> None:
    makefile = (CHECKOUT / "Makefile").read_text(encoding="utf-8")
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    asked = set(re.findall(r"\bmake ([a-z]+)\b(?= +#|\n)", readme))
    assert asked >= {"demo", "test", "wheel"}
    assert sorted(asked - set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))) == []


@pytest.mark.parametrize(
    "name",
    sorted(
        path.relative_to(CHECKOUT).as_posix()
        for path in (*(CHECKOUT / "scripts").glob("*.sh"), CHECKOUT / ".ci" / "run")
    ),
)
def test_scripts_parse_and_stop_at_the_first_error(name: str) -> None:
    script = CHECKOUT / name
    check(["bash", "-n", str(script)], timeout=30, doing=f"parsing {name}")
    assert "\nset -euo pipefail\n" in script.read_text(encoding="utf-8")
    assert script.stat().st_mode & 0o111
