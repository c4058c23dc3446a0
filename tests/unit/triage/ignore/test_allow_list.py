"""Plain allow-lists in JSON and YAML, and how the shape of a file is told."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from careen.errors import ConfigError
from careen.triage.ignore import allow_list, careen_lines, grype_yaml, trivy_lines, trivy_yaml
from careen.triage.ignore.load import load_ignore_file, shape_of
from careen.triage.ignore.rule import MAX_FILE, MAX_RULES
from careen.triage.ignore.shape import Shape

AWS = b"""[
    {
        "vulnerability_id": "RUSTSEC-2026-0195",
        "reason": "quick-xml in the uv binary, no fix yet",
        "review_by": "2026-10-22"
    },
    {"vulnerability_id": "CVE-2026-25537", "reason": "cannot be patched"}
]
"""


def test_a_list_of_entries_in_json() -> None:
    rules = allow_list.parse_json_list(AWS, "list.json").rules
    assert [
        (rule.identifier, rule.package, rule.reason, str(rule.review_by), rule.where)
        for rule in rules
    ] == [
        (
            "RUSTSEC-2026-0195",
            "",
            "quick-xml in the uv binary, no fix yet",
            "2026-10-22",
            "list.json: entry 1",
        ),
        ("CVE-2026-25537", "", "cannot be patched", "None", "list.json: entry 2"),
    ]


def test_a_list_of_entries_in_yaml() -> None:
    text = b"""exceptions:
  - cve: CVE-2025-32434
    package: torch*
    reason: our own weights
    review_by: 2026-10-22
    until: 2026-12-31
"""
    (rule,) = allow_list.parse_yaml_list(text, "list.yaml").rules
    assert (rule.identifier, rule.package, str(rule.review_by), str(rule.until), rule.where) == (
        "CVE-2025-32434",
        "torch*",
        "2026-10-22",
        "2026-12-31",
        "list.yaml:2",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"id": "CVE-1"}]', "l: entry 1: an entry needs a reason"),
        ('[{"reason": "x"}]', "l: entry 1: an entry needs one of id, cve, vulnerability_id"),
        ('[{"id": "*", "reason": "x"}]', "l: entry 1: an entry needs one of id"),
        ('[{"id": "CVE-1", "cve": "CVE-2", "reason": "x"}]', "l: entry 1: an entry needs one of"),
        ('[{"id": "CVE-1", "reason": "x", "severity": "low"}]', "l: entry 1: unknown member"),
        (
            '[{"id": "CVE-1", "reason": "x", "review_by": "soon"}]',
            "l: entry 1: review_by: expected",
        ),
        ('[{"id": "CVE-1", "reason": "x", "package": "' + "*a" * 9 + '"}]', "l: entry 1: a glob"),
        ('["CVE-1"]', "l: entry 1: expected an object"),
        ('{"allowlist": 5}', "l: allowlist: expected a list, got int"),
        ('{"allowlist": [], "more": 1}', "l: unknown member 'more'"),
        ("5", "l: the file: expected a list, got int"),
        ("[", "l: not valid JSON"),
        ("[" * 100_000, "l: JSON nested deeper"),
        ('[{"id": "CVE-1", "id": "CVE-2", "reason": "x"}]', "l: not valid JSON: key 'id' occurs"),
        ("[" + ",".join(["{}"] * (MAX_RULES + 1)) + "]", f"l: more than the {MAX_RULES} rules"),
    ],
)
def test_what_is_not_understood_is_one_line(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        allow_list.parse_json_list(text.encode(), "l")
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "data", "shape"),
    [
        (".careenignore", "", careen_lines.SHAPE),
        ("known", "", careen_lines.SHAPE),
        (".trivyignore", "", trivy_lines.SHAPE),
        (".trivyignore.yaml", "", trivy_yaml.SHAPE),
        ("risks.yaml", "vulnerabilities: []", trivy_yaml.SHAPE),
        (".grype.yaml", "", grype_yaml.SHAPE),
        ("risks.yml", "ignore:\n- vulnerability: CVE-1", grype_yaml.SHAPE),
        ("risks.yml", "ignore:\n- id: CVE-1", allow_list.YAML),
        ("risks.yml", "ignore:\n- package: {name: x}", grype_yaml.SHAPE),
        ("risks.yaml", "", allow_list.YAML),
        ("risks.yaml", "- id: CVE-1", allow_list.YAML),
        ("risks.yaml", "exceptions: []", allow_list.YAML),
        ("risks.json", "[]", allow_list.JSON),
    ],
)
def test_the_name_or_the_members_tell_the_shape(name: str, data: str, shape: Shape) -> None:
    assert shape_of(name, data.encode(), name) is shape


def test_an_unknown_shape_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "values.yaml"
    path.write_text("replicas: 3\n")
    with pytest.raises(ConfigError, match=r"values.yaml: not an allow-list that careen knows"):
        load_ignore_file(path)
    path.write_text("plain text")
    with pytest.raises(ConfigError, match="not an allow-list"):
        load_ignore_file(path)


def test_the_values_of_a_file_are_counted_before_they_are_built(tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_text(f"- [{'a,' * 500_000}]")
    with pytest.raises(ConfigError, match=r"list\.yaml: more than 500,000 values and keys"):
        load_ignore_file(path)
    entry = "{id: CVE-2024-1, package: a, reason: b, review_by: 2026-01-01}"
    assert MAX_RULES * len(entry) < MAX_FILE
    path.write_text(f"- {entry}\n" * 1000)
    assert len(load_ignore_file(path).rules) == 1000


@pytest.mark.parametrize("text", ["- {id: CVE-1, reason: x}", "ignore: [{vulnerability: CVE-1}]"])
def test_a_file_is_composed_once(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    composed: list[bytes] = []
    original = yaml.compose

    def compose(data: bytes, loader: Any) -> Any:
        composed.append(data)
        return original(data, loader)

    monkeypatch.setattr(yaml, "compose", compose)
    (tmp_path / "list.yaml").write_text(text)
    assert [each.identifier for each in load_ignore_file(tmp_path / "list.yaml").rules] == ["CVE-1"]
    assert composed == [text.encode()]
