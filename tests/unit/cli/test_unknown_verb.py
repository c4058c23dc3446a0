"""What careen answers to a verb that it does not have, and to a group of verbs without one."""

import sys

import pytest

from careen.cli.main import VERBS
from careen.cli.unknown_verb import _ELSEWHERE
from careen.tools.process import run


def careen(*words: str) -> tuple[int | None, str]:
    done = run([sys.executable, "-m", "careen", *words], timeout=60)
    assert not done.stdout
    return done.status, done.stderr.decode()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("hardn", "no command 'hardn'; did you mean `careen harden`?; see `careen --help`"),
        ("scna", "no command 'scna'; did you mean `careen scan`?; see `careen --help`"),
        ("version", "no command 'version'; use `careen --version`; see `careen --help`"),
        ("zzzzzzzz", "no command 'zzzzzzzz'; see `careen --help`"),
    ],
)
def test_an_unknown_verb_is_answered_with_what_to_type(typed: str, said: str) -> None:
    assert careen(typed) == (1, f"careen: {said}\n")


def test_the_verbs_of_other_tools_are_answered_with_verbs_that_careen_has() -> None:
    for instead in _ELSEWHERE.values():
        program, verb, *_ = instead.split()
        assert program == "careen"
        assert verb in {*VERBS, "--version", "--help"}
    assert not set(_ELSEWHERE) & set(VERBS)


def test_a_group_without_a_verb_prints_its_help_as_it_is() -> None:
    status, said = careen("db")
    assert status == 1
    assert said.startswith("Usage: careen db [OPTIONS] COMMAND [ARGS]...\n\n  Build and look after")
    assert "\n  update  Fetch what has changed, and import it.\n" in said
