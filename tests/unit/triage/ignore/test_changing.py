"""Lists that careen writes: every shape reads back what was added, and keeps what was there."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careen.errors import ConfigError
from careen.model.packages.package import Ecosystem
from careen.triage.ignore import allow_list, careen_lines, grype_yaml, trivy_lines, trivy_yaml
from careen.triage.ignore.matching import RuleIndex
from careen.triage.ignore.shape import NewEntry, Shape
from tests.support.triage import finding, package

DAY = dt.date(2027, 3, 1)
SHAPES = {
    "careen": careen_lines.SHAPE,
    "trivy": trivy_lines.SHAPE,
    "trivy-yaml": trivy_yaml.SHAPE,
    "grype": grype_yaml.SHAPE,
    "yaml": allow_list.YAML,
    "json": allow_list.JSON,
}
FILES = {
    "careen": b'# ours\nCVE-1 a reason="x"  # one\n\n# two\nCVE-2 b until=2027-01-01 reason=y\n',
    "trivy": b"# ours\nCVE-1\n\n# two\nCVE-2 exp:2027-01-01\n",
    "trivy-yaml": b"""# ours
vulnerabilities:
  - id: CVE-1   # one
    statement: x

  # two
  - id: CVE-2
    statement: |
      y
      z
    expired_at: 2027-01-01
secrets:
  - id: key
""",
    "grype": b"""fail-on-severity: high
ignore:
- vulnerability: CVE-1
  reason: x
# two
- vulnerability: CVE-2
  package:
    name: b
quiet: true
""",
    "yaml": b"# ours\n- id: CVE-1\n  reason: x\n- {cve: CVE-2, reason: y}",
    "json": b'[\n    {"id": "CVE-1", "reason": "x"},\n    {"id": "CVE-2", "reason": "y"}\n]\n',
}
TORCH = package("torch", ecosystem=Ecosystem.PYPI, purl="pkg:pypi/torch@2.5.1?x=y", version="2.5.1")


def new(name: str = "torch", purl: str = TORCH.purl, reason: str = "ours") -> NewEntry:
    return NewEntry("CVE-2025-32434", ("GHSA-53q9-r3pm-6pq6",), name, purl, reason, DAY)


def named(shape: Shape, data: bytes) -> list[str]:
    return [rule.identifier for rule in shape.parse(data, "list").rules]


@pytest.mark.parametrize("name", SHAPES)
def test_an_entry_is_added_and_nothing_else_changes(name: str) -> None:
    shape, before = SHAPES[name], FILES[name]
    after = shape.add(before, [new()], "list")
    rules = shape.parse(after, "list").rules
    assert [rule.identifier for rule in rules] == ["CVE-1", "CVE-2", "CVE-2025-32434"]
    assert rules[2].reason.startswith("ours")
    assert (rules[2].review_by or rules[2].until) in {DAY, DAY - dt.timedelta(days=1)}
    assert RuleIndex(rules).of(finding(TORCH, identifier="CVE-2025-32434")) == (2,)
    other = finding(package("perl"), identifier="CVE-2025-32434")
    assert RuleIndex(rules).of(other) == ((2,) if name == "trivy" else ())
    if name != "json":
        lines = iter(after.split(b"\n"))
        assert all(line in lines for line in before.rstrip(b"\n").split(b"\n"))


@pytest.mark.parametrize("name", SHAPES)
def test_a_new_list_is_one_entry(name: str) -> None:
    shape = SHAPES[name]
    data = shape.add(b"", [new()], "list")
    assert named(shape, data) == ["CVE-2025-32434"]
    assert data.endswith(b"\n")
    assert (
        named(shape, shape.remove(data, {shape.parse(data, "list").rules[0].place}, "list")) == []
    )


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("going", [0, 1])
def test_an_entry_is_removed_and_its_comment(name: str, going: int) -> None:
    shape, before = SHAPES[name], FILES[name]
    rules = shape.parse(before, "list").rules
    after = shape.remove(before, {rules[going].place}, "list")
    assert named(shape, after) == [f"CVE-{2 - going}"]
    assert (b"two" in after) is (b"two" in before and going == 0)
    for left in (b"secrets:", b"fail-on-severity: high", b"quiet: true"):
        assert (left in after) is (left in before)


@pytest.mark.parametrize("name", SHAPES)
def test_all_entries_are_removed_and_one_is_added_again(name: str) -> None:
    shape = SHAPES[name]
    rules = shape.parse(FILES[name], "list").rules
    empty = shape.remove(FILES[name], {rule.place for rule in rules}, "list")
    assert named(shape, empty) == []
    assert named(shape, shape.add(empty, [new()], "list")) == ["CVE-2025-32434"]


def test_a_comment_about_two_entries_stays_for_the_second() -> None:
    lines = b"# both are pinned\nCVE-1\nCVE-2\n"
    assert trivy_lines.SHAPE.remove(lines, {2}, "l") == b"# both are pinned\nCVE-2\n"
    assert trivy_lines.SHAPE.remove(lines, {3}, "l") == b"# both are pinned\nCVE-1\n"
    assert trivy_lines.SHAPE.remove(lines, {2, 3}, "l") == b""
    text = b"vulnerabilities:\n# both\n- id: CVE-1\n- id: CVE-2\n"
    assert trivy_yaml.SHAPE.remove(text, {0}, "l") == b"vulnerabilities:\n# both\n- id: CVE-2\n"
    assert trivy_yaml.SHAPE.remove(text, {0, 1}, "l") == b"vulnerabilities: []\n"


def test_a_key_of_the_same_name_elsewhere_is_not_touched() -> None:
    text = b"db:\n  ignore:\n  - x\nignore:\n- vulnerability: CVE-1\n"
    assert grype_yaml.SHAPE.remove(text, {0}, "l") == b"db:\n  ignore:\n  - x\nignore: []\n"
    with pytest.raises(ConfigError, match="change it by hand"):
        grype_yaml.SHAPE.remove(b'"ignore":\n- vulnerability: CVE-1\n', {0}, "list")


def test_the_comment_of_a_key_stays() -> None:
    text = b"vulnerabilities: # ours\n- id: CVE-1\n"
    empty = trivy_yaml.SHAPE.remove(text, {0}, "l")
    assert empty == b"vulnerabilities: []  # ours\n"
    assert trivy_yaml.SHAPE.add(empty, [new()], "l").startswith(
        b"vulnerabilities:  # ours\n  - id:"
    )


@pytest.mark.parametrize(
    ("shape", "text"),
    [
        (trivy_yaml.SHAPE, "vulnerabilities: [{id: CVE-1}]"),
        (trivy_yaml.SHAPE, "{vulnerabilities: [], secrets: []}"),
        (trivy_yaml.SHAPE, "vulnerabilities:\n-\n  id: CVE-1"),
        (grype_yaml.SHAPE, "{quiet: true}"),
        (allow_list.YAML, "[{id: CVE-1, reason: x}]"),
    ],
)
def test_a_list_in_another_style_is_left_to_its_owner(shape: Shape, text: str) -> None:
    with pytest.raises(ConfigError, match=r"^list: careen changes only lists with one `- `"):
        shape.add(text.encode(), [new()], "list")


@pytest.mark.parametrize(
    "text", ["", "vulnerabilities:", "vulnerabilities: []", "# x\nsecrets:\n- id: y\n", "---\n"]
)
def test_a_yaml_list_without_entries_gets_its_first(text: str) -> None:
    data = trivy_yaml.SHAPE.add(text.encode(), [new()], "list")
    assert named(trivy_yaml.SHAPE, data) == ["CVE-2025-32434"]
    assert (b"secrets" in data) is ("secrets" in text)


def test_several_packages() -> None:
    entries = [new(), new("torch-model", "pkg:pypi/torch-model@1")]
    different = [new(), new("torch-model", "pkg:pypi/torch-model@1", reason="theirs")]
    for shape in SHAPES.values():  # no YAML alias for the day that both have
        assert len(named(shape, shape.add(b"", different, "l"))) in {1, 2}
    assert [len(named(shape, shape.add(b"", entries, "l"))) for shape in SHAPES.values()] == [
        *(2, 1, 1, 2, 2, 2)
    ]
    assert b"torch, and 1 more package" in trivy_lines.SHAPE.add(b"", entries, "l")
    assert b"- pkg:pypi/torch-model\n" in trivy_yaml.SHAPE.add(b"", entries, "l")


@pytest.mark.parametrize(
    ("name", "purl", "wanted"),
    [
        ("libstdc++6", "pkg:deb/debian/libstdc%2B%2B6@1", b"name: libstdc\\+\\+6\n"),
        ("org.x:log4j-core", "pkg:maven/org.x/log4j-core@1", b"name: log4j-core\n"),
        ("@babel/core", "pkg:npm/%40babel/core@1", b"name: '@babel/core'\n"),
    ],
)
def test_a_name_as_grype_has_it(name: str, purl: str, wanted: bytes) -> None:
    data = grype_yaml.SHAPE.add(b"", [new(name, purl)], "l")
    assert wanted in data
    of = finding(package(name, purl=purl), identifier="CVE-2025-32434")
    assert RuleIndex(grype_yaml.SHAPE.parse(data, "l").rules).of(of) == (0,)


LINE = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1)


@given(
    st.sampled_from(sorted(SHAPES)),
    LINE,
    st.sampled_from(["torch", "a b", "x\ny", "#", "'", "[a]"]),
)
def test_no_reason_or_name_breaks_a_list(shape_name: str, reason: str, name: str) -> None:
    shape = SHAPES[shape_name]
    data = shape.add(FILES[shape_name], [new(name, reason=reason)], "list")
    rules = shape.parse(data, "list").rules
    assert len(rules) == 3
    assert RuleIndex(rules).of(finding(TORCH, identifier="CVE-1")) != (2,)
    again: Any = shape.remove(data, {rules[2].place}, "list")
    assert named(shape, again) == ["CVE-1", "CVE-2"]


@given(st.sampled_from(sorted(SHAPES)), st.binary() | st.text().map(str.encode))
def test_any_bytes_are_read_or_refused_in_one_line(name: str, data: bytes) -> None:
    try:
        SHAPES[name].parse(data, "f")
    except ConfigError as error:
        assert str(error).startswith("f:")  # noqa: PT017 — either outcome is right
        assert "\n" not in str(error)  # noqa: PT017


@pytest.mark.parametrize("char", ["\r", "\x85", "\u2028", "\u2029"])
@pytest.mark.parametrize("name", ["trivy-yaml", "grype", "yaml"])
def test_a_line_end_that_only_yaml_knows_is_refused(name: str, char: str) -> None:
    data = FILES[name].replace(b"# two", f"# t{char}# wo".encode()) + f"# {char}".encode()
    shape = SHAPES[name]
    said = rf"^list: line \d has U\+{ord(char):04X}, which ends a line in YAML"
    for change in (shape.parse, lambda *_: shape.remove(data, {0}, "list")):
        with pytest.raises(ConfigError, match=said):
            change(data, "list")


@pytest.mark.parametrize("name", ["trivy-yaml", "grype", "yaml"])
def test_lines_of_windows_are_counted_and_kept(name: str) -> None:
    data = FILES[name].replace(b"\n", b"\r\n")
    shape = SHAPES[name]
    places = [rule.where for rule in shape.parse(data, "list").rules]
    assert places == [rule.where for rule in shape.parse(FILES[name], "list").rules]
    assert named(shape, shape.remove(data, {0}, "list")) == ["CVE-2"]


@pytest.mark.parametrize("char", ["\x0b", "\x85", "\u2028"])
def test_a_name_with_a_line_end_is_written_so_that_it_can_be_read(char: str) -> None:
    entry = new(name=f"to{char}rch")
    (rule,) = allow_list.YAML.parse(allow_list.YAML.add(b"", [entry], "list"), "list").rules
    assert rule.package == entry.name
