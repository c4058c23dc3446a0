"""The verbs: each is there, and asking for help loads little (`careen --help` no verb, `careen
harden --help` no stage).
"""

import sys

import click
import pytest

from careen.cli.help_sections import SECTIONS, SectionedCommand
from careen.cli.main import VERBS, group
from careen.tools.process import check

pytestmark = pytest.mark.slow

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


@pytest.mark.parametrize(
    "verb", ["ci", "comply", "harden", "patch", "plan", "policy", "profile", "scan", "strip"]
)
def test_each_option_stands_in_one_section_of_the_help(verb: str) -> None:
    command = group.get_command(click.Context(group), verb)
    assert isinstance(command, SectionedCommand)
    context = click.Context(command, info_name=verb, terminal_width=100)
    options = [param for param in command.get_params(context) if isinstance(param, click.Option)]
    placed = [name for names in SECTIONS.values() for name in names]
    assert len(placed) == len(set(placed))
    own = command.get_help_option(context)
    assert {option.name for option in options if option is not own} <= set(placed)
    text = command.get_help(context)
    for option in options:
        assert any(f"{name}" in text for name in option.opts), option.opts


@pytest.mark.parametrize("verb", [None, *VERBS])
def test_each_example_of_a_help_text_has_a_line_of_its_own(verb: str | None) -> None:
    found = group if verb is None else group.get_command(click.Context(group), verb)
    assert isinstance(found, click.Command)
    text = found.get_help(click.Context(found, info_name="careen", terminal_width=100))
    examples = [line for line in text.splitlines() if line.startswith("  careen ")]
    assert all(line.count(" careen ") - line.count("&& careen ") == 1 for line in examples), text
    assert examples or verb in {"attach", "db", "doctor", "plan", "strip"}


def test_the_help_of_careen_loads_no_verb() -> None:
    assert {name for name in modules("--help") if name.startswith("careen.cli")} == {
        "careen.cli",
        "careen.cli.main",
        "careen.cli.standard_streams",
    }


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_a_verb_loads_no_stage(verb: str) -> None:
    """But that of `scan`, which lists its forms of output."""
    rooms = {name.split(".")[1] for name in modules(verb, "--help")}
    light = {"cli", "errors", "model"}
    if verb == "scan":
        assert rooms.isdisjoint({"engines", "inventory", "plan", "advisories", "sensor"})
    else:
        assert rooms <= light
