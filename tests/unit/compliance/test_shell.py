"""Reader of shell scripts: which programs a step of a build runs, and with which words."""

import pytest

from careen.compliance.shell import Command, commands_of


@pytest.mark.parametrize(
    ("script", "names"),
    [
        ("a b; c && d || e & f\ng", "a c d e f g"),
        ("a | b", "a b"),
        ("A=1 B='x y' a", "a"),
        ("sudo -E /usr/bin/a; env X=1 b; timeout 5s c; xargs -n 1 d; sudo -u app e", "a b c d e"),
        ("if a; then b; else c; fi", "a b c fi"),
        ("echo 'now apt install x; b'", "echo"),
        ('echo "a; b"', "echo"),
        ('x="$(a | b)"; c', "a b c"),
        ("x=$(a) b", "a b"),
        ("`a b`; c", "a c"),
        ("a # b; c", "a"),
        ("a#b; c", "a#b c"),
        ("a \\\n b\nc", "a c"),
        ("a 2>&1 | b; c &> d", "a b c"),
        ("( a; (b) ); c", "a b c"),
        ("{ a; }; c ${x} {y,z}", "a } c"),
        ("bash -c 'a; b' ; eval \"c d\"", "bash eval a b c"),
        ("a 'unclosed; b", "a"),
        ("", ""),
        (")) ; } \\", ""),
    ],
)
def test_the_programs_that_a_script_runs(script: str, names: str) -> None:
    assert [each.name for each in commands_of(script) if each.name] == names.split()


def test_a_command_knows_its_words_its_pipe_and_what_it_is_substituted_into() -> None:
    found = commands_of('curl -o "a b" x | sh; test "$(sha256sum f)" = 1 || fail')
    assert found[0] == Command(("curl", "-o", "a b", "x"))
    assert found[1] == Command(("sh",), piped=True)
    assert found[2] == Command(("sha256sum", "f"), within="test")
    assert [each.piped for each in found[3:]] == [False, False]


def test_a_pipe_goes_on_in_the_next_line() -> None:
    assert [each.piped for each in commands_of("a |\n b |& c; d || e")] == [
        False,
        True,
        True,
        False,
        False,
    ]


def test_the_work_grows_with_the_script() -> None:
    for part in ("$(", "'\"", "`;", "a|", '"$(', ")(", "A=1 $(b) "):
        assert len(commands_of(part * 30_000)) <= 60_001
