"""Templates of a user's own: what they see, what they must not, and where an error is."""

import re
from pathlib import Path

import pytest

from careen.errors import InputError
from careen.report.scan import template as scan_template
from careen.report.scan.template import NAMES, check_syntax, render_scan
from tests.support.scan_reports import REPORT

PAGE = (Path(__file__).parents[3] / "docs" / "template.md").read_text(encoding="utf-8")


def rendered(tmp_path: Path, source: str, name: str = "t.txt.j2") -> str:
    path = tmp_path / name
    path.write_text(source, encoding="utf-8")
    return render_scan(REPORT, path)


def test_a_template_sees_the_report(tmp_path: Path) -> None:
    source = (
        "{{ report.subject }}\n{% for item in report.findings if item.priority.value == 'act'"
        " %}\n{{ item.finding.id }} {{ item.tier.value }}\n{% endfor %}\n"
    )
    assert (
        rendered(tmp_path, source) == "registry.example.org/team/app:1.2\nCVE-2026-0001 executed\n"
    )


def test_the_example_of_the_page_works(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```jinja\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert rendered(tmp_path, example).splitlines()[:3] == [
        "registry.example.org/team/app:1.2: 5 findings",
        "ACT CVE-2026-0001 libssl3 3.0.15-1~deb12u1 -> 3.0.17-1~deb12u1, critical, executed",
        "  - mapped by /usr/bin/python3.11 in workload 'serve'",
    ]
    assert rendered(tmp_path, example).splitlines()[-1] == "! the feed kev is 12 days old"


@pytest.mark.parametrize("kind", NAMES)
def test_the_page_has_every_name(kind: str) -> None:
    (row,) = re.findall(rf"^\| `{kind}` \| (.*) \|$", PAGE, re.MULTILINE)
    listed = re.findall(r"`([a-z_]+)`", re.sub(r"\([^()]*\)", "", row))
    assert tuple(listed) == NAMES[kind]


def test_the_syntax_is_checked_without_a_report(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("a\n{% for x in %}")
    with pytest.raises(InputError, match=r"t:2: Expected an expression"):
        check_syntax(tmp_path / "t")


def test_values_are_escaped_in_markup_only(tmp_path: Path) -> None:
    source = "{{ '<b>&' }}"
    assert rendered(tmp_path, source, "t.html") == "&lt;b&gt;&amp;"
    assert rendered(tmp_path, source, "T.XML.jinja") == "&lt;b&gt;&amp;"
    assert rendered(tmp_path, source, "t.md") == "<b>&"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("a\n{% for x in %}", r"t\.txt\.j2:2: Expected an expression"),
        (
            "a\n\n{{ report.nothing }}",
            (
                r"t\.txt\.j2:3: .*has no attribute 'nothing'; known: subject, digest, inventory,"
                r" findings, .*origin, problems, kev_known, compared$"
            ),
        ),
        ("{{ nothing }}", r"t\.txt\.j2:1: 'nothing' is undefined; known: report, careen_version$"),
        (
            "{{ report.__class__.__mro__ }}",
            r"t\.txt\.j2:1: access to attribute '__class__' of 'ScanReport' object is unsafe",
        ),
        ("{{ ''.__class__ }}", r"t\.txt\.j2:1: access to attribute '__class__'"),
        ("\n{{ 1 // 0 }}", r"t\.txt\.j2:2: integer division or modulo by zero"),
        ("{% include '/etc/passwd' %}", r"t\.txt\.j2:1: no loader for this environment"),
        ("{% for i in range(100000000) %}x{% endfor %}", r"t\.txt\.j2:1: Range too big"),
        ("{{ 'x'.nothing() }}", r"t\.txt\.j2:1: "),
    ],
)
def test_an_error_names_the_line(tmp_path: Path, source: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        rendered(tmp_path, source)
    assert "\n" not in str(caught.value)


def test_the_output_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_template, "MAX_OUTPUT", 100)
    with pytest.raises(InputError, match="the output is longer than 100 characters"):
        rendered(tmp_path, "{% for i in range(99999) %}xx{% endfor %}")


def test_a_template_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read as a template"):
        render_scan(REPORT, tmp_path / "none")
    (tmp_path / "t").write_bytes(b"\xff")
    with pytest.raises(InputError, match="cannot be read as a template"):
        render_scan(REPORT, tmp_path / "t")
    (tmp_path / "t").write_bytes(b" " * (scan_template.MAX_TEMPLATE + 1))
    with pytest.raises(InputError, match="more than the 1048576 bytes"):
        render_scan(REPORT, tmp_path / "t")
