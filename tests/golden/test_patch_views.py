"""What is printed and written of a patch plan and its result: the exact text, its width, and the
documents by their schemas.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from careen.errors import ConfigError
from careen.model.patching import BlockReason, PatchPlan, PatchResult
from careen.model.runs.trace import Use
from careen.patch.store import find_patch_plan, patch_plan_object, read_patch_plan, write_patch_plan
from careen.plan.store import read_plan, write_plan
from careen.report.documents.patch import patch_json
from careen.report.patch.view import final_line, print_patch
from tests.support.patches import CLEAN, NOTHING, PATCHED, PLAN, PLANNED
from tests.support.plans import NO_RULES, Case, plan_for
from tests.support.schemas import FOLDER, document
from tests.support.screens import drawn

EXPECTED = Path(__file__).parent / "report"
VIEWS = {"patch": PATCHED, "patch-planned": PLANNED, "patch-nothing": NOTHING}
SCHEMA = json.loads((FOLDER / "patch-plan-1.schema.json").read_text())
HARDENING = json.loads((FOLDER / "plan-1.schema.json").read_text())
REGISTRY: Registry[Any] = Registry().with_resource(SCHEMA["$id"], Resource.from_contents(SCHEMA))


def text_of(result: PatchResult, width: int, encoding: str = "utf-8") -> str:
    return drawn(lambda console: print_patch(console, result), width, encoding)


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", VIEWS)
def test_the_text_is_exactly_this(name: str, width: int) -> None:
    assert text_of(VIEWS[name], width) == (EXPECTED / f"{name}-{width}.txt").read_text()


@pytest.mark.parametrize("width", [60, 80, 200])
@pytest.mark.parametrize("name", VIEWS)
def test_no_line_is_wider_than_the_terminal_or_ends_in_blanks(name: str, width: int) -> None:
    assert [
        line
        for line in text_of(VIEWS[name], width).splitlines()
        if len(line) > width or line != line.rstrip()
    ] == []


def test_a_terminal_without_unicode_gets_ascii() -> None:
    text = text_of(PATCHED, 80, "ascii")
    assert text.isascii()
    assert "1.26.5 -> 1.26.20" in text


def test_one_line_says_it() -> None:
    assert final_line(PATCHED) == f"my/service:1-patched {PATCHED.image}"
    missed = replace(
        PLANNED,
        plan=replace(
            PLAN,
            blocked=(replace(PLAN.blocked[0], barrier=BlockReason.UNSURVEYED), *PLAN.blocked[1:]),
        ),
    )
    assert final_line(missed).endswith("nothing was changed; 1 finding not surveyed")
    assert (
        final_line(PLANNED)
        == "5 upgrades would close 9 of 13 findings (1 known exploited); nothing was changed"
    )
    assert final_line(NOTHING) == "nothing to patch: no upgrade closes any of the 4 findings"
    assert final_line(CLEAN) == "nothing to patch: no finding asks for an upgrade"
    assert (
        final_line(replace(NOTHING, dropped=PATCHED.dropped))
        == "nothing was upgraded: no upgrade that closes a finding could be kept"
    )


def test_a_version_other_than_planned_is_said() -> None:
    other = replace(
        PATCHED.upgraded[0], version="3.5.1-1", closed=(), left=PATCHED.upgraded[0].upgrade.closes
    )
    text = text_of(replace(PATCHED, upgraded=(other, *PATCHED.upgraded[1:])), 100)
    assert "libssl3t64  is 3.5.1-1, expected 3.5.1-1+deb13u1" in text


def test_a_hostile_name_steers_no_terminal() -> None:
    upgrade = replace(PLAN.upgrades[4], name="x\x1b[31m", target="2\u202e")
    text = text_of(replace(PLANNED, plan=replace(PLAN, upgrades=(upgrade,))), 100)
    assert "\x1b" not in text
    assert "x\\x1b[31m" in text
    assert "2\\u202e" in text


def test_a_plan_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    data = write_patch_plan(PLAN)
    assert read_patch_plan(data) == PLAN
    assert write_patch_plan(read_patch_plan(data)) == data
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(data))
    assert json.loads(data) == patch_plan_object(PLAN)
    file = tmp_path / "patch-plan.json"
    file.write_bytes(data)
    assert find_patch_plan(file) == PLAN


def test_a_hardenings_plan_holds_it(tmp_path: Path) -> None:
    plan = plan_for(
        Case({"/bin/app": "x", "/doc": "y"}, {"/bin/app": Use.EXECUTED}, ("/bin/app",)),
        rules=NO_RULES,
    )
    data = write_plan(plan, patch_plan_object(PLAN))
    jsonschema.Draft202012Validator(HARDENING, registry=REGISTRY).validate(json.loads(data))
    assert read_plan(data) == plan
    file = tmp_path / "plan.json"
    file.write_bytes(data)
    assert find_patch_plan(file) == PLAN
    file.write_bytes(write_plan(plan))
    assert find_patch_plan(file) is None
    with pytest.raises(ConfigError, match=r"plan\.patch: expected an object, got 5"):
        read_plan(data.replace(data[data.index(b'"patch":') : data.rindex(b"}\n")], b'"patch": 5'))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            {"version": 2},
            (
                r"patch plan\.format: expected 'careen\.patch-plan' version 1, got"
                r" 'careen\.patch-plan' version 2"
            ),
        ),
        (
            {"reach": "far"},
            r"patch plan\.reach: expected one of minimal, security, latest, got 'far'",
        ),
        ({"more": 1}, r"patch plan: unknown key 'more'"),
        (
            {"ratings": [{"id": "CVE-1", "severity": "bad", "kev": False}]},
            r"patch plan\.ratings\[0\]\.severity: expected one of unknown, .*, got 'bad'",
        ),
        (
            {"ratings": [{"id": "CVE-1", "severity": "low", "kev": 1}]},
            r"patch plan\.ratings\[0\]\.kev: expected true or false, got 1",
        ),
        (
            {"blocked": [{"purl": "pkg:pypi/x@1"}]},
            r"patch plan\.blocked\[0\]: key 'barrier' is missing",
        ),
    ],
)
def test_what_is_no_plan_is_refused(change: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        read_patch_plan(json.dumps({**patch_plan_object(PLAN), **change}).encode())


def test_a_digest_that_is_none_is_refused() -> None:
    plan = replace(PLAN, upgrades=(replace(PLAN.upgrades[3], sha256="ab"),))
    with pytest.raises(
        ConfigError,
        match=r"patch plan\.upgrades\[0\]\.sha256: expected 64 hex characters or nothing, got 'ab'",
    ):
        read_patch_plan(json.dumps(patch_plan_object(plan)).encode())


@pytest.mark.parametrize(
    "result", [PATCHED, PLANNED, NOTHING], ids=["patched", "planned", "nothing"]
)
def test_a_result_is_valid_by_its_schema(result: PatchResult) -> None:
    written = json.loads(patch_json(result))
    jsonschema.Draft202012Validator(json.loads(document("patch"))).validate(written)
    assert written["plan"]["ratings"][0] == {
        "id": "CVE-2023-43804",
        "severity": "high",
        "kev": False,
    }


def test_an_empty_plan_is_short() -> None:
    empty = PatchPlan(PLAN.image, PLAN.reach, (), ())
    assert b'"upgrades": [],\n"blocked": [],\n"notes": [],\n"ratings": []\n' in write_patch_plan(
        empty
    )


def test_copies_and_long_lists_take_one_line_each() -> None:
    copies = tuple(
        replace(PLAN.upgrades[4], purl=f"pkg:pypi/urllib3@1.26.5?location=/opt/{number}")
        for number in range(2)
    )
    many = tuple(
        replace(
            PLAN.upgrades[3], purl=f"pkg:pypi/p{number}@1", name=f"p{number}", group=f"p{number}"
        )
        for number in range(12)
    )
    stays = tuple(
        replace(
            PLAN.blocked[0],
            purl=f"pkg:pypi/s{number}@65.5.1",
            name=f"s{number}",
            findings=(f"CVE-2020-{number}",),
        )
        for number in range(5)
    )
    apart = (
        PLAN.blocked[0],
        replace(PLAN.blocked[0], findings=("CVE-2025-9086",), detail="fixed in 80.0"),
    )
    plan = replace(PLAN, upgrades=(*copies, *many), blocked=(*stays, *apart))
    text = text_of(replace(PLANNED, plan=plan), 120)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "urllib3 (2 places) 1.26.5 → 1.26.20 4 CVE-2023-43804 (high), CVE-2023-45803" in lines
    assert "… 3 more upgrades 3" in lines
    assert "… and 3 findings of 3 more packages" in lines
    assert (
        "major only 7 setuptools 65.5.1: CVE-2024-6345 (high), CVE-2025-9086 (high): fixed in"
        " 70.0.0; on offer" in " ".join(lines)
    )
