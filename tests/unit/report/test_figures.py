"""Numbers and names as people read them."""

import io

import pytest

from careen.report.names import package_name
from careen.report.terminal_output.figures import change, counted, duration, number, size
from careen.report.terminal_output.screen import (
    ASCII,
    UNICODE,
    open_console,
    short_digest,
    shown,
    signs_of,
)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.00 kB"),
        (1_234, "1.23 kB"),
        (9_995, "10.0 kB"),
        (99_949, "99.9 kB"),
        (99_950, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.00 MB"),
        (56_800_000, "56.8 MB"),
        (2_360_000_000, "2.36 GB"),
        (999_999_999_999, "1.00 TB"),
        (2**63, "9.22 EB"),
        (10**24, "1000000 EB"),
    ],
)
def test_sizes_are_decimal_with_three_digits(count: int, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.0 s"),
        (12.06, "12.1 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3_725, "1 h 02 min"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (100, 44, "-56.0 %"),
        (100, 100, "0 %"),
        (0, 0, "0 %"),
        (0, 5, "?"),
        (5, 0, "-100 %"),
        (100, 101, "+1.0 %"),
        (10_000_000, 9_999_999, "-<0.1 %"),
        (10_000_000, 1, "-99.9 %"),
        (10, 20, "+100 %"),
    ],
)
def test_changes_never_claim_more_than_there_is(before: int, after: int, text: str) -> None:
    assert change(before, after, minus="-", unknown="?") == text


def test_counts() -> None:
    assert (
        number(1_234_567),
        number(None),
        counted(1, "case"),
        counted(0, "case"),
        counted(1_204, "file"),
    ) == (
        "1,234,567",
        "?",
        "1 case",
        "0 cases",
        "1,204 files",
    )


@pytest.mark.parametrize(
    ("purl", "name"),
    [
        ("pkg:deb/debian/libc6@2.36-9%2Bdeb12u9?arch=amd64", "libc6 2.36-9+deb12u9 deb"),
        ("pkg:pypi/numpy@2.1.0", "numpy 2.1.0 pypi"),
        ("pkg:pypi/numpy", "numpy pypi"),
        ("not a purl", "not a purl"),
        ("pkg:pypi/%1b%5b2J@1", "\\x1b[2J 1 pypi"),
    ],
)
def test_package_names(purl: str, name: str) -> None:
    assert package_name(purl, UNICODE) == name


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("plain é 漢", "plain é 漢"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\nb\tc\x7f", "a\\x0ab\\x09c\\x7f"),
        ("\u202e\u2028\u200b", "\\u202e\\u2028\\u200b"),
        ("\x9b", "\\x9b"),
        ("caf\udce9", "caf\\xe9"),
        ("\ud800", "\\ud800"),
        ("\U000e0001", "\\U000e0001"),
    ],
)
def test_what_could_steer_a_terminal_is_shown_as_an_escape(raw: str, text: str) -> None:
    assert shown(raw) == text


def test_ascii_signs_escape_all_else() -> None:
    assert shown("é→", ASCII) == "\\xe9\\u2192"


def test_digests_are_shortened_as_docker_does() -> None:
    assert short_digest("sha256:" + "ab" * 32) == "sha256:abababababab"


def test_colour_only_on_a_terminal_and_never_with_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")

    def drawn(stream: io.StringIO) -> str:
        open_console(stream, 80).print("x", style="bold red")
        return stream.getvalue()

    assert "\x1b[" in drawn(Terminal())
    assert drawn(io.StringIO()) == "x\n"
    monkeypatch.setenv("NO_COLOR", "1")
    assert drawn(Terminal()) == "x\n"


@pytest.mark.parametrize(
    ("encoding", "signs"),
    [("utf-8", UNICODE), ("UTF-16", UNICODE), ("ascii", ASCII), ("iso-8859-1", ASCII)],
)
def test_signs_follow_the_encoding(encoding: str, signs: object) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    assert signs_of(open_console(stream, 80)) is signs
    stream.close()


@pytest.mark.parametrize(
    ("purl", "name"),
    [
        ("pkg:npm/%40babel/core@7.24.0", "@babel/core 7.24.0 npm"),
        ("pkg:golang/golang.org/x/net@v0.17.0", "golang.org/x/net v0.17.0 golang"),
        (
            "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
            "org.apache.logging.log4j:log4j-core 2.14.1 maven",
        ),
        ("pkg:deb/debian/libssl3@3.0.15-1?arch=amd64", "libssl3 3.0.15-1 deb"),
        ("pkg:pypi/numpy@1.26.4?location=/opt/x/y", "numpy 1.26.4 pypi"),
        ("not a purl", "not a purl"),
    ],
)
def test_a_package_has_the_name_by_which_its_ecosystem_knows_it(purl: str, name: str) -> None:
    assert package_name(purl, UNICODE) == name
