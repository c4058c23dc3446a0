"""The Markdown of a scan: what matters first, nothing of it obeyed, never longer than a comment may
be.
"""

from dataclasses import replace

import pytest

from careen.model.findings.questions import Answer, Answered, FourQuestions
from careen.model.packages.package import Inventory
from careen.report.markdown_text import escaped
from careen.report.scan.markdown import MAX_ASKED, MAX_CHARACTERS, MAX_ROWS, scan_markdown
from tests.support.scan_reports import FINDINGS, REPORT

JOINER = "\N{WORD JOINER}"
QUESTIONS = "CISA's four questions (BOD 26-04) about the first of them:"
ASKED = FourQuestions(
    Answered(Answer.YES, "RBOM: it listens on 8000"),
    Answered(Answer.NO, "AU in CVSS 4.0, cisa-adp"),
    Answered(Answer.UNKNOWN, "no CVSS vector"),
    Answered(Answer.YES, "CISA's KEV list since 2026-01-05"),
)


def rows_of(text: str) -> list[str]:
    """Return the rows of the short list."""
    return [line for line in text.partition(QUESTIONS)[0].splitlines() if line.startswith("|")]


def test_the_figures_come_first_with_their_sources() -> None:
    lines = scan_markdown(REPORT).splitlines()
    assert lines[0] == "### careen scan: registry.example.org/team/app:1.2"
    assert lines[2] == "**5 findings: act on 1, attend to 1, track 3.**"
    assert (
        lines[3]
        == "By severity: critical 3, medium 1, negligible 1. Known to be exploited: 2. With a"
        " fix: 3."
    )
    assert lines[5] == "Advisories: debian-tracker 2026-02-28, kev 2026-02-27."
    assert lines[6] == "Observed: serve, batch, 62 s."


def test_without_a_kev_feed_the_exploited_are_unknown() -> None:
    findings = tuple(
        replace(item, finding=replace(item.finding, kev=None)) for item in REPORT.findings
    )
    text = scan_markdown(replace(REPORT, findings=findings, feeds=REPORT.feeds[:1]))
    assert "Known to be exploited: unknown (the database has no KEV list). With" in text
    assert "Known to be exploited: 0." in scan_markdown(replace(REPORT, findings=findings))


def test_the_short_list_has_a_reason_in_each_row_and_the_rest_a_line_for_each_tier() -> None:
    text = scan_markdown(REPORT)
    rows = rows_of(text)
    assert len(rows) == 4
    assert rows[2].startswith(
        "| **act** | libssl3 3.0.15-1\\~deb12u1 → 3.0.17-1\\~deb12u1 | executed | CVE-2026-0001"
        " \\(critical\\) | mapped by "
    )
    assert rows[3].startswith("| attend | openssl 3.2.0 → 3.2.1 | loaded |")
    assert "- present: 2 findings (critical 1, medium 1), 1 with a fix" in text
    assert "Not counted, with a reason: 1 finding." in text
    assert "Not compared: 1 package of Rocky Linux 9: no feed of it is in the database." in text
    assert "Could not be read: 1 item, such as /app/broken.jar: not a zip file" in text
    assert "> the feed kev is 12 days old" in text


def test_without_a_profile_it_says_that_nothing_is_known_of_use() -> None:
    text = scan_markdown(replace(REPORT, observed=None))
    assert (
        "\nNo RBOM was given: it is unknown which of these can run, so all are treated as"
        " if they could.\n" in text
    )


def test_the_four_questions_are_answered_for_the_listed_findings_alone() -> None:
    items = tuple(replace(item, questions=ASKED) for item in FINDINGS)
    text = scan_markdown(replace(REPORT, findings=items))
    asked = text.partition(QUESTIONS)[2].split("The rest, to track")[0].split("\n")
    rows = [line for line in asked if line.startswith("|")]
    assert rows[0] == "| finding | package | exposed | automatable | total control | exploited |"
    assert rows[2:] == [
        (
            "| CVE-2026-0001 | libssl3 3.0.15-1\\~deb12u1 | yes \\(RBOM: it listens on 8000\\) | no"
            " \\(AU in CVSS 4.0, cisa-adp\\) | unknown \\(no CVSS vector\\) | yes \\(CISA's KEV"
            " list since 2026-01-05\\) |"
        )
    ]
    many = tuple(
        replace(
            items[0],
            finding=replace(items[0].finding, id=f"CVE-2026-{i}"),
            questions=replace(ASKED, exposed=Answered(Answer.NO, f"<{i}>")),
        )
        for i in range(MAX_ASKED + 5)
    )
    asked = scan_markdown(replace(REPORT, findings=many)).partition(QUESTIONS)[2].split("\n")
    rows = [line for line in asked if line.startswith("|")][2:]
    assert len(rows) == MAX_ASKED
    assert rows[-1].startswith(f"| CVE-2026-{MAX_ASKED - 1} |")
    assert "| no \\(&lt;0\\>\\) |" in rows[0]


def test_packages_with_equal_findings_are_one_row() -> None:
    first = FINDINGS[0]
    second = replace(
        first,
        finding=replace(
            first.finding, package="pkg:deb/debian/openssl@3.0.15-1~deb12u1", name="openssl"
        ),
    )
    rows = rows_of(scan_markdown(replace(REPORT, findings=(first, second))))
    assert len(rows) == 3
    assert rows[2].startswith(
        "| **act** | libssl3, openssl 3.0.15-1\\~deb12u1 → 3.0.17-1\\~deb12u1 (2 packages) |"
        " executed | CVE-2026-0001 "
    )


def test_a_clean_image_has_no_table() -> None:
    text = scan_markdown(replace(REPORT, findings=(), suppressed=(), uncovered=(), warnings=()))
    assert "**0 findings: act on 0, attend to 0, track 0.**" in text
    assert "|" not in text


@pytest.mark.parametrize(
    ("raw", "safe"),
    [
        ("a|b", "a\\|b"),
        ("<img src=x>", "&lt;img src=x\\>"),
        ("[x](y) `z` *b* _u_", "\\[x\\]\\(y\\) \\`z\\` \\*b\\* \\_u\\_"),
        ("ask @team about #12", f"ask @{JOINER}team about \\#{JOINER}12"),
        (
            "https://evil.example www.evil.example",
            f"https://{JOINER}evil.example www.{JOINER}evil.example",
        ),
        ("a\n\n# b\r\n\t- c", "a \\# b - c"),
        ("&lt;b>", "&amp;lt;b\\>"),
        ("a\x1b[31m\u202eb", "a\N{REPLACEMENT CHARACTER}\\[31m\N{REPLACEMENT CHARACTER}b"),
        ("\udcff", "?"),
        ("- item", "\\- item"),
    ],
)
def test_text_of_others_stays_text(raw: str, safe: str) -> None:
    assert escaped(raw) == safe


def test_it_fits_into_a_comment_whatever_it_is_given() -> None:
    long = "|" * 5000
    evil = replace(FINDINGS[0].finding, id=long, name=long, fixed=(long,) * 5)
    many = tuple(
        replace(
            FINDINGS[0],
            finding=replace(evil, package=f"pkg:pypi/p{i}@1", version=f"{i}{long}"),
            reasons=(long,) * 20,
            questions=FourQuestions(*(Answered(Answer.YES, f"{i}{long}") for _ in range(4))),
        )
        for i in range(500)
    )
    report = replace(
        REPORT,
        subject=long,
        findings=many,
        warnings=(long,) * 50,
        crossed=(long,) * 50,
        feeds=tuple(replace(REPORT.feeds[0], name=long) for _ in range(99)),
    )
    text = scan_markdown(report)
    assert len(text) <= MAX_CHARACTERS
    assert QUESTIONS in text
    shown = sum(line.startswith("| **act**") for line in text.splitlines())
    assert 0 < shown <= MAX_ROWS
    assert f"… and {500 - shown} more findings to act on or attend to" in text


def test_an_image_of_which_nothing_was_compared_is_not_called_clean() -> None:
    text = scan_markdown(replace(REPORT, findings=(), uncovered=(), inventory=Inventory({}, {})))
    assert "**Findings are not known: no package was found, so nothing was compared.**" in text
    assert "0 findings" not in text


def test_the_upgrade_is_the_version_that_closes_every_finding_of_the_row() -> None:
    first = FINDINGS[0]
    fixed = ("0.49.1", "1.0.1", "1.1.0", "1.3.1")
    items = tuple(
        replace(
            first,
            finding=replace(
                first.finding,
                id=f"CVE-{i}",
                package="pkg:pypi/starlette@0.41.3",
                name="starlette",
                version="0.41.3",
                fixed=(one,),
            ),
        )
        for i, one in enumerate(fixed)
    )
    rows = rows_of(scan_markdown(replace(REPORT, findings=items)))
    assert rows[2].startswith("| **act** | starlette 0.41.3 → 1.3.1 closes all 4 | executed |")
