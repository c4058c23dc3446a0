"""The completion scripts, what they ask careen, and `careen help`."""

import os
import shutil
import sys

import pytest

from careen.cli.main import VERBS
from careen.tools.process import run

pytestmark = pytest.mark.slow


def careen(*words: str, **environment: str) -> tuple[int | None, str, str]:
    done = run(
        [sys.executable, "-m", "careen", *words], timeout=60, env={**os.environ, **environment}
    )
    return done.status, done.text, done.stderr.decode()


def completed(words: str, number: int) -> list[str]:
    """What bash offers for the word with this number."""
    _, out, _ = careen(_CAREEN_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(number))
    return [line.partition(",")[2] for line in out.splitlines()]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_is_what_its_shell_can_read(shell: str) -> None:
    status, script, _ = careen("completion", shell)
    assert (status, "_CAREEN_COMPLETE" in script) == (0, True)
    if (program := shutil.which(shell)) is not None:
        assert run([program, "-n", "-c", script], timeout=60).status == 0


def test_verbs_options_and_choices_are_completed() -> None:
    assert completed("careen ", 1) == list(VERBS)
    assert completed("careen prof", 1) == ["profile"]
    assert "--compose" in completed("careen harden --comp", 2)
    assert completed("careen harden --level ", 3) == ["observed", "closure", "package"]


def test_help_of_a_verb_is_what_its_option_prints() -> None:
    assert careen("help", "harden") == careen("harden", "--help")
    assert careen("help", "db", "update") == careen("db", "update", "--help")
    assert careen("help") == careen("--help")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("hardn",), "no command 'hardn'; did you mean `careen harden`?"),
        (("db", "updte"), "no command 'updte'; did you mean `careen db update`?"),
        (("harden", "x"), "harden has no verbs below it"),
    ],
)
def test_help_of_an_unknown_verb_is_one_line(words: tuple[str, ...], said: str) -> None:
    status, out, err = careen("help", *words)
    assert (status, out, said in err, err.count("\n")) == (1, "", True, 1)
