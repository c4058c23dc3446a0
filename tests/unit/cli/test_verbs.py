"""The verbs: each is there, and asking for help loads little (`careen --help` no verb, `careen
harden --help` no stage).
"""

import sys

import click
import pytest

from careen.cli.main import VERBS, group
from careen.tools.process import check

LOADED = (
    "import sys; from careen.cli.main import group; group.main({words!r}, standalone_mode=False);"
    " print('\\n'.join(sys.modules), file=sys.stderr)"
)


def modules(*words: str) -> set[str]:
    """Return the modules of careen that a fresh process has loaded after a command."""
    done = check(
        [sys.executable, "-c", LOADED.format(words=list(words))],
        timeout=60,
        doing="asking for help",
    )
    return {name for name in done.stderr.decode().split() if name.startswith("careen.")}


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_a_command_that_says_what_it_does(verb: str) -> None:
    command = group.get_command(click.Context(group), verb)
    assert command is not None
    assert command.help


def test_the_help_of_careen_loads_no_verb() -> None:
    assert {name for name in modules("--help") if name.startswith("careen.cli")} == {
        "careen.cli",
        "careen.cli.main",
    }


def test_the_help_of_the_main_verb_loads_no_stage() -> None:
    assert {name.split(".")[1] for name in modules("harden", "--help")} == {
        "cli",
        "errors",
        "model",
    }
