"""What is printed and written of a profile's adequacy: the exact text, its width, and the document
by its schema.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from careen.model.adequacy import Adequacy, Part, Step, UnexercisedPackage
from careen.report.documents.adequacy import adequacy_json
from careen.report.views.adequacy import adequacy_note, print_adequacy
from tests.support.schemas import document
from tests.support.screens import drawn

EXPECTED = Path(__file__).parent / "report"
ADEQUACY = Adequacy(
    score=0.6667,
    verdict="the tests never call POST /rerank; it accounts for 214 MB",
    parts=(
        Part("saturation", "saturation", 0.7789, 12, 12),
        Part("operations", "operations", 0.6667, 2, 3, ("POST /rerank",)),
        Part("application-modules", "application modules", 0.9412, 16, 17, ("/app/rerank.py",)),
        Part("ports", "ports", 1.0, 1, 1, counts=False),
        Part(
            "entry-points",
            "entry points",
            0.5,
            3,
            6,
            ("HEALTHCHECK /usr/bin/curl", "script /app/migrate.sh", "script /app/seed.sh"),
            counts=False,
        ),
    ),
    steps=(Step("test_embed", 12), *(Step(f"test_{number}", 0) for number in range(23))),
    idle=tuple(f"test_{number}" for number in range(23)),
    unseen=0.2211,
    advice=(
        "1 of 17 of the application's own modules were never loaded: /app/rerank.py",
        (
            "the last 12 tests used no new file: one more test like them uses a new file with a"
            " probability of up to 23 %"
        ),
        "never started: HEALTHCHECK /usr/bin/curl, script /app/migrate.sh, script /app/seed.sh",
    ),
    hanging={"POST /rerank": 214_000_000},
    before=9_120,
    unexercised=(UnexercisedPackage("pkg:pypi/ranker@1", 40, 120_000_000, whole=True),),
)
UNKNOWN = Adequacy(
    None,
    "saturation is unknown: one test command without known cases; write JUnit XML to"
    " $CAREEN_RESULTS to count test cases",
    (
        Part(
            "saturation", "saturation", None, None, None, why="one test command without known cases"
        ),
        Part("operations", "operations", None, None, None, why="no OpenAPI document was read"),
        Part(
            "application-modules",
            "application modules",
            None,
            None,
            None,
            why="no module of its own was found",
        ),
        Part("ports", "ports", None, None, None, why="the image exposes no TCP port", counts=False),
        Part(
            "entry-points",
            "entry points",
            None,
            None,
            None,
            why="the image declares none",
            counts=False,
        ),
    ),
)
VIEWS = {"adequacy": ADEQUACY, "adequacy-unknown": UNKNOWN}


def text_of(adequacy: Adequacy, width: int, encoding: str = "utf-8") -> str:
    return drawn(lambda console: print_adequacy(console, adequacy), width, encoding)


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("name", VIEWS)
def test_the_text_is_exactly_this(name: str, width: int) -> None:
    assert text_of(VIEWS[name], width) == (EXPECTED / f"{name}-{width}.txt").read_text()


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("name", VIEWS)
def test_no_line_is_wider_than_the_terminal_or_ends_in_blanks(name: str, width: int) -> None:
    lines = text_of(VIEWS[name], width).splitlines()
    assert [line for line in lines if len(line) > width or line != line.rstrip()] == []
    assert len(lines) <= (12 if width >= 80 else 16)


def test_a_terminal_without_unicode_gets_ascii() -> None:
    text = text_of(ADEQUACY, 80, "ascii")
    assert text.isascii()
    assert "========" in text


def test_what_is_unknown_has_no_number() -> None:
    assert not any(char.isdigit() and f"{char} %" in text_of(UNKNOWN, 120) for char in "0123456789")
    assert adequacy_note(UNKNOWN).startswith("adequacy is not known: saturation is unknown")


def test_the_note_is_one_line_and_says_what_its_number_leaves_out() -> None:
    assert (
        adequacy_note(ADEQUACY)
        == "adequacy 66 %: the tests never call POST /rerank; it accounts for 214 MB"
    )
    partly = replace(ADEQUACY, parts=(UNKNOWN.parts[0], *ADEQUACY.parts[1:]))
    assert (
        adequacy_note(partly)
        == "adequacy 66 % (saturation not known): the tests never call POST /rerank; it"
        " accounts for 214 MB"
    )


def test_hostile_names_neither_leave_the_width_nor_reach_the_terminal_raw() -> None:
    evil = "\x1b]0;owned\x07[bold red]x[/]\u202egnp.exe\udcff\n" + "/directory" * 60
    parts = tuple(
        replace(part, missing=(evil, evil), why=evil) for part in (*ADEQUACY.parts, *UNKNOWN.parts)
    )
    hostile = replace(ADEQUACY, verdict=evil, parts=parts, advice=(evil,) * 9)
    text = text_of(hostile, 80)
    assert all(char == "\n" or char.isprintable() for char in text)
    assert all(len(line) <= 80 for line in text.splitlines())
    assert adequacy_note(hostile).isprintable()
    assert json.loads(adequacy_json(hostile))["verdict"] == evil


def validator() -> Any:
    return jsonschema.Draft202012Validator(json.loads(document("adequacy")))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_the_document_is_valid_by_its_schema(data: st.DataObject) -> None:
    st.register_type_strategy(float, st.floats(0, 1))
    found = json.loads(adequacy_json(data.draw(st.from_type(Adequacy))))
    assert [error.message for error in validator().iter_errors(found)] == []


def test_the_document_says_what_was_measured_and_null_for_what_was_not() -> None:
    found = json.loads(adequacy_json(ADEQUACY))
    assert (found["format"], found["version"], found["score"], found["before"]) == (
        "careen-adequacy",
        1,
        0.6667,
        9120,
    )
    assert found["hanging"] == {"POST /rerank": 214_000_000}
    assert found["unexercised"] == [
        {"purl": "pkg:pypi/ranker@1", "files": 40, "bytes": 120_000_000, "whole": True}
    ]
    unknown = json.loads(adequacy_json(UNKNOWN))
    assert (
        unknown["score"],
        unknown["unseen"],
        unknown["before"],
        unknown["parts"][0]["share"],
    ) == (None, None, None, None)
    assert not validator().is_valid({**found, "score": "66 %"})
    assert not validator().is_valid(
        {key: value for key, value in found.items() if key != "verdict"}
    )
