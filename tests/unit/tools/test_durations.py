"""Durations as users write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from careen.errors import InputError
from careen.tools.durations import LONGEST, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("60s", 60),
        ("2m", 120),
        ("1.5h", 5400),
        ("250ms", 0.25),
        ("90", 90),
        ("0", 0),
        (" 5 s ", 5),
        ("168h", LONGEST),
        ("604800000ms", LONGEST),
    ],
)
def test_units(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "s",
        "-1s",
        "+1s",
        "1e3",
        "1d",
        "1h30m",
        "1.s",
        ".5s",
        "inf",
        "nan",
        "1 0",
        "\u0663s",
        "1S",
        "1\0",
    ],
)
def test_other_text_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InputError, match=r"not a duration: .*like '60s'"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["604801", "168.1h", "999999999999h", "604800001ms"])
def test_more_than_seven_days_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"too long: .*at most 7 days"):
        parse_duration(text)


@given(st.text(max_size=12))
def test_any_text_is_a_duration_within_bounds_or_refused(text: str) -> None:
    try:
        seconds = parse_duration(text)
    except InputError:
        return
    assert 0 <= seconds <= LONGEST
