"""Frameworks are read strictly: a mistake is one line that names the file and the line."""

from pathlib import Path

import pytest

from careen.compliance.frameworks import load_frameworks, own_frameworks
from careen.errors import CareenError
from careen.model.compliance.result import Result
from tests.support.compliance import TODAY

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
