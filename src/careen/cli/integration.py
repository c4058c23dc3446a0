"""Output of a run of `careen ci` or `careen fleet work`."""

import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from careen.model.integration import Outcome


def print_result(outcome: "Outcome", given: dict[str, Any]) -> None:
    """Print an outcome as the options ask for: JSON, one line, or all of it."""
    from careen.report.integration.document import outcome_json
    from careen.report.integration.view import final_line, print_outcome
    from careen.report.terminal_output.screen import open_console, signs_of

    console = open_console(sys.stdout)
    if given["as_json"]:
        click.echo(outcome_json(outcome).decode("ascii"), nl=False)
    elif given["quiet"]:
        click.echo(final_line(outcome, signs_of(console)))
    else:
        print_outcome(console, outcome)
