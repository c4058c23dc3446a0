"""Signatures and attestations of the original, as the summary, the page and the documents say it."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from careen.model.attestations.ended import EndedDocument, EndedDocuments, EndedKind
from careen.model.runs.trace import Use
from careen.pipeline.report import read_report
from careen.report.documents.summary import summary_json
from careen.report.ended_words import ended_words
from careen.report.finished.document import run_report
from careen.report.finished.facts import ReportFacts
from careen.report.finished.markdown import report_markdown
from careen.report.finished.page import report_html
from careen.report.terminal_output.terminal import print_summary
from tests.support.finished_run import finished_run
from tests.support.screens import drawn
from tests.support.summaries import SUMMARY

SCHEMA = Path(__file__).parents[3] / "docs" / "schema" / "summary-1.schema.json"
DIGEST = "sha256:" + "5e" * 32
EVIL = "<script>alert(1)</script>"
SIGNED = EndedDocument(
    "docker://r/a:x.sig", DIGEST, EndedKind.SIGNATURE, "t/s", "sha256:" + "1b" * 32
)
ATTESTED = replace(SIGNED, digest="sha256:" + "6f" * 32, kind=EndedKind.ATTESTATION, type=EVIL)
ASKED = EndedDocuments((SIGNED, ATTESTED), ("asking r for referrers: status 500",))
NOT_ASKED = EndedDocuments((), ("a came from docker's store, so no registry was asked",))


def shown(ended: EndedDocuments) -> str:
    summary = replace(SUMMARY, ended=ended)
    text = drawn(lambda console: print_summary(console, summary), 400)
    return next(line.strip() for line in text.splitlines() if "signatures" in line)


def test_one_line_says_what_ends_and_what_is_not_known() -> None:
    assert shown(ASKED).endswith(
        f"1 signature and 1 attestation of the original do not hold for the result: {DIGEST}, first;"
        " unknown: asking r for referrers: status 500"
    )
    assert shown(EndedDocuments((SIGNED,))).endswith(
        f"1 signature of the original does not hold for the result: {DIGEST}"
    )
    assert shown(EndedDocuments(())).endswith("none of the original was found")
    assert shown(NOT_ASKED).endswith(f"unknown: {NOT_ASKED.unknown[0]}")
    assert ended_words((), "", ("one", "two")) == "unknown: one (and 1 more)"


def test_summary_json_lists_each_with_its_digest() -> None:
    document = json.loads(summary_json(replace(SUMMARY, ended=ASKED)))
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)
    assert [each["digest"] for each in document["ended"]["documents"]] == [
        SIGNED.digest,
        ATTESTED.digest,
    ]
    assert document["ended"]["unknown"] == list(ASKED.unknown)
    assert json.loads(summary_json(SUMMARY))["ended"] is None


@pytest.fixture
def facts(tmp_path: Path) -> ReportFacts:
    return read_report(finished_run(tmp_path, {"/a": ("", Use.OPENED)}))


def test_page_markdown_and_json_have_them(facts: ReportFacts) -> None:
    written = json.loads(summary_json(replace(SUMMARY, ended=ASKED)))
    facts = replace(facts, summary={**facts.summary, "ended": written["ended"]})
    page, text = report_html(facts).decode(), report_markdown(facts).decode()
    assert SIGNED.digest in page
    assert SIGNED.place in page
    assert "&lt;script&gt;alert(1)" in page
    assert EVIL not in page + text
    assert "**Signed of the original, and not of the result: 2**" in text
    assert SIGNED.digest in text
    said = run_report(facts)
    assert said.ended == ASKED
    gap = "What was signed and attested of the original: asking r for referrers: status 500."
    assert gap in said.not_known
    assert gap in page


def test_a_run_that_did_not_ask_says_so(facts: ReportFacts) -> None:
    older = {name: value for name, value in facts.summary.items() if name != "ended"}
    facts = replace(facts, summary=older)
    assert run_report(facts).ended is None
    assert "What was signed and attested of the original: nobody asked." in (
        report_html(facts).decode()
    )
