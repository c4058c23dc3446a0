"""Entries of an allow-list about secrets: read for the search, silent in a scan."""

import datetime as dt

import pytest

from careen.model.compliance.secrets import SecretException
from careen.pipeline.assessing.secrets import exceptions_of
from careen.triage.ignore.careen_lines import parse_ignore_file
from careen.triage.ignore.standing import warnings

TODAY = dt.date(2026, 12, 1)
LIST = b"""CVE-2025-1  torch  reason="own weights"
secret:aws-access-token  /app/tests/*  until=2026-12-31  reason="made up"
secret:*  config.Env[EXAMPLE]  review_by=2026-12-01  reason="an example"
"""


def test_they_become_exceptions_and_others_do_not() -> None:
    assert list(exceptions_of(parse_ignore_file(LIST, "list"))) == [
        SecretException("aws-access-token", "/app/tests/*", "made up", "list:2", "2026-12-31"),
        SecretException("*", "config.Env[EXAMPLE]", "an example", "list:3", "2026-12-15"),
    ]


@pytest.mark.parametrize("hits", [(1, 0, 0), (0, 0, 0)])
def test_a_scan_says_nothing_of_them(hits: tuple[int, ...]) -> None:
    said = list(warnings(parse_ignore_file(LIST, "list"), hits, TODAY))
    assert not [line for line in said if "SECRET" in line or "not about a vulnerability" in line]
    assert len(said) == (hits[0] == 0)
