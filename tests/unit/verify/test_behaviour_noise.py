"""What may differ between two answers that mean the same, and what may not."""

import pytest

from careen.errors import InputError
from careen.model.runs.noise import noise_remover, parse_noise
from careen.verify.bodies.normal import Noise

NOISE = Noise()


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("started 2026-01-02T03:04:05.123Z ok", "started 2026-11-30T23:59:59Z ok"),
        ("2026-01-02 03:04:05,123 INFO ready", "2026-01-02 03:05:59,001 INFO ready"),
        ("Fri, 02 Jan 2026 03:04:05 GMT", "Sat, 03 Jan 2026 13:14:15 GMT"),
        (
            '[02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" 200',
            '[02/Jan/2026:03:14:05 +0000] "GET / HTTP/1.1" 200',
        ),
        ("at 03:04:05.99", "at 13:14:15"),
        ("id 550e8400-e29b-41d4-a716-446655440000", "id 123e4567-e89b-12d3-a456-426614174000"),
        ("trace 4bf92f3577b34da6a3ce929d0e0e4736", "trace 00f067aa0ba902b7c1d2e3f405162738"),
        ("<object at 0x7f12ab34cd56>", "<object at 0x7f98fe76dc54>"),
        ("chatcmpl-8fR2kk39ZqPp01", "chatcmpl-1aB9zz77QwXx42"),
        ("see http://127.0.0.1:49153/docs", "see http://127.0.0.1:32768/docs"),
        ("took 12.5 ms", "took 9 ms"),
        ("done in 0.8s", "done in 12s"),
        ("created 1732560000", "created 1732567999"),
        ("/tmp/tmpab12cd/out.png", "/tmp/tmpzz99xx/out.png"),
        ("score 0.123456", "score 0.123501"),
        ("[0.1234, -5.5e-3]", "[0.12341, -5.5001e-3]"),
        (
            "I0000 00:00:1795765891.123456       7 port.cc:153] on",
            "I0000 00:00:1795765999.1       18 port.cc:153] on",
        ),
    ],
)
def test_two_lines_that_mean_the_same(one: str, two: str) -> None:
    assert NOISE.alike(one, two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("model A", "model B"),
        ("17 of 20", "18 of 20"),
        ("version 1.2.3", "version 1.2.4"),
        ("score 0.12", "score 0.13"),
        ("GET /items/4", "GET /items/5"),
        (f"sha256 {'ab12' * 16}", f"sha256 {'cd34' * 16}"),  # the digest of a content
        ("scores 0.5 0.5", "scores 0.5"),
        ("libopenblas-0.3.21-r0-x86_64", "libopenblas-0.3.22-r0-x86_64"),
        (
            "I0000 00:00:1795765891.123456       7 port.cc:153] on",
            "E0000 00:00:1795765891.123456       7 port.cc:153] on",
        ),
    ],
)
def test_two_lines_that_do_not(one: str, two: str) -> None:
    assert not NOISE.alike(one, two)


def test_declared_noise_is_taken_out_of_lines() -> None:
    noise = Noise((r"build [a-z]+", r"(?i)worker-\d+"))
    assert noise.alike("build alpha by Worker-12", "build beta by worker-3")
    assert not noise.alike("build alpha by Worker-12", "build beta by clerk-3")
    assert not NOISE.alike("build alpha", "build beta")
    assert noise.declared("build \udce9 build x") == "build ? <noise>"  # bytes that are not UTF-8


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        (
            "(a",
            (
                "not a regular expression: '(a': missing ): (a (RE2: no look-around, no"
                " back-references, \\w and \\d are ASCII)"
            ),
        ),
        (
            "(?=a)b",
            (
                "not a regular expression: '(?=a)b': invalid perl operator: (?= (RE2: no"
                " look-around, no back-references, \\w and \\d are ASCII)"
            ),
        ),
        (r"(a)\1", "not a regular expression"),
        (
            "a*",
            "'a*' matches an empty text, so it would match everywhere; write what has to be there",
        ),
        ("x" * 1001, "a regular expression of 1001 characters; at most 1000 are taken"),
        ("(a{1000}){1000}", "not a regular expression"),
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused_in_one_line(pattern: str, complaint: str) -> None:
    with pytest.raises(InputError) as raised:
        parse_noise(pattern)
    assert str(raised.value).startswith(complaint)
    assert "\n" not in str(raised.value)


def test_noise_of_a_run_says_that_it_is_about_noise() -> None:
    with pytest.raises(InputError, match=r"^noise: not a regular expression: '\(a'"):
        Noise(("fine", "(a"))


def test_a_hundred_patterns_are_enough() -> None:
    with pytest.raises(InputError, match="101 regular expressions; at most 100 are taken"):
        noise_remover(["a"] * 101)


@pytest.mark.timeout(20)
def test_a_pattern_that_other_engines_choke_on_takes_linear_time() -> None:
    """Python's own engine would need 2 to the 100,000 steps."""
    assert Noise((r"(a+)+b",)).declared("a" * 100_000) == "a" * 100_000


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "char", ["1", "a", "A1", "0x", "-", "1.", "2026-", "/tmp/", "12:", "a1b2-", "Jan ", " "]
)
def test_hostile_lines_take_no_longer_than_others(char: str) -> None:
    line = char * 100_000
    assert len(NOISE.line(line)) <= 4096
    assert NOISE.alike(line, line)
    assert len(NOISE.log(line)) <= 4096
