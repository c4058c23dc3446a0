"""Frameworks are read strictly: a mistake is one line that names the file and the line."""

import re
from pathlib import Path

import pytest

from careen.compliance.frameworks import load_frameworks, own_frameworks
from careen.errors import CareenError
from careen.model.compliance.framework import Framework
from careen.model.compliance.result import Result
from careen.report.compliance.controls import controls_csv
from tests.support.compliance import TODAY, assessment, subject

ROOT = Path(__file__).parents[3]
HEAD = """version = 1
id = "house"
title = "House rules"
content = "3"
dated = 2026-11-30
source = "https://example.com/rules"
owner = "the platform"
"""
ITEM = """
[[item]]
id = "H-1"
title = "Not root"
checks = ["user-not-root"]
"""


def load(tmp_path: Path, text: str) -> None:
    path = tmp_path / "house.toml"
    path.write_text(text, encoding="utf-8")
    load_frameworks([str(path)], TODAY)


def test_a_framework_of_the_user_is_read(tmp_path: Path) -> None:
    path = tmp_path / "house.toml"
    more = '[[item]]\nid = "H-2"\ntitle = "Logs"\nstatus = "inherited"\nrationale = "the node"\n'
    path.write_text(HEAD + ITEM + more, encoding="utf-8")
    (found,) = load_frameworks([str(path), str(path)], TODAY)
    assert [item.status for item in found.items] == [None, Result.INHERITED]
    assert found.checks() == {"user-not-root"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD.replace("version = 1", "version = 2") + ITEM, "house.toml:1: version: expected 1"),
        (HEAD.replace("2026-11-30", "2027-01-01") + ITEM, "house.toml:5: dated: 2027-01-01 is in the future"),
        (HEAD.replace('content = "3"\n', "") + ITEM, "content: is missing"),
        (HEAD.replace('"house"', '"../x"') + ITEM, "house.toml:2: id: expected lower-case"),
        (HEAD, "item: there is no [[item]]"),
        (HEAD + ITEM + ITEM, "'H-1' is there twice"),
        (HEAD + ITEM.replace("user-not-root", "user-not-rot"), "unknown check 'user-not-rot'"),
        (HEAD + ITEM + 'status = "manual"\n', "either checks or a status"),
        (HEAD + ITEM.replace('checks = ["user-not-root"]', 'status = "pass"'), "expected one of"),
        (HEAD + ITEM.replace('checks = ["user-not-root"]', 'status = "manual"'), "say why it is manual"),
        (HEAD + ITEM.replace("H-1", "H-\\u0001"), "house.toml:10: item[0].id: has a control character"),
        (HEAD + ITEM + 'rest = "a\\u0001"\n', "rest: has a control character"),
        (HEAD + ITEM + 'controls = ["AC-1", "AC-\\u0000"]\n', "controls: has a control character"),
        (HEAD.replace("House rules", "x\\u009b") + ITEM, "house.toml:3: title: has a control"),
        (HEAD + ITEM + 'severity = "dire"\n', "severity: expected one of low, medium, high"),
        (HEAD + ITEM + 'chekcs = "x"\n', "did you mean 'checks'"),
        ("version = [", "not valid TOML"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_clear_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CareenError) as error:
        load(tmp_path, text)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(CareenError, match=r"unknown; known are .*cis-docker"):
        load_frameworks(["cis-dokcer"], TODAY)


@pytest.mark.parametrize("name", own_frameworks())
def test_each_own_framework_is_valid_and_says_why(name: str) -> None:
    (found,) = load_frameworks([name], TODAY)
    assert found.id == name
    for item in found.items:
        assert bool(item.checks) != bool(item.rationale), item.id


def test_a_control_of_the_user_is_sorted_whatever_its_digits_are(tmp_path: Path) -> None:
    path = tmp_path / "house.toml"
    path.write_text(HEAD + ITEM + 'controls = ["AC-\\u00b2", "AC-2", "AC-\\u0663"]\n', "utf-8")
    with subject(tmp_path) as image:
        table = controls_csv(assessment(image, str(path))).decode()
    assert [line.partition(",")[0] for line in table.splitlines()[1:]] == ["AC-²", "AC-٣", "AC-2"]


def test_the_page_has_the_numbers_of_each_framework() -> None:
    page = (ROOT / "docs/compliance.md").read_text(encoding="utf-8")
    for framework in load_frameworks(own_frameworks(), TODAY):
        fixed = [item.status for item in framework.items]
        numbers = map(fixed.count, (None, Result.INHERITED, Result.MANUAL))
        row = " | ".join(map(str, (len(fixed), *numbers)))
        assert re.search(rf"(?m)^\| `{framework.id}` \| .* \| {re.escape(row)} \|$", page), row
    premises = sum(bool(item.premise) for item in framework_of("stig-gpos").items)
    assert f"{premises} items of `stig-gpos` rest on a premise" in page


def framework_of(name: str) -> Framework:
    (found,) = load_frameworks([name], TODAY)
    return found


def test_no_inherited_item_states_that_accounts_stay_as_they_are_without_a_premise() -> None:
    for item in framework_of("stig-gpos").items:
        if "user cannot" in item.rationale:
            assert item.premise == ("user-not-root",), item.id


@pytest.mark.parametrize(
    "name",
    [
        *("SRG-OS-000042-GPOS-00021", "SRG-OS-000066-GPOS-00034", "SRG-OS-000278-GPOS-00108"),
        *("SRG-OS-000363-GPOS-00150", "SRG-OS-000370-GPOS-00155"),
    ],
)
def test_what_an_image_cannot_show_is_no_pass(name: str) -> None:
    item = next(each for each in framework_of("stig-gpos").items if each.id == name)
    assert item.status in (Result.MANUAL, Result.INHERITED)
