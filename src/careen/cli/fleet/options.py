"""Options that several verbs of `careen fleet` share, and what they mean."""

from pathlib import Path

import click

store_option = click.option(
    "--store",
    metavar="FILE|URL",
    help=(
        "The store: a file, or postgresql://…; default: $CAREEN_FLEET or"
        " ~/.local/share/careen/fleet.db."
    ),
)
state_option = click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where results and incidents are kept; default: careen-fleet beside IMAGES.toml.",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON on standard output and nothing else."
)
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Print one line for each result.")


def state_of(images: Path, state: Path | None) -> Path:
    """Return where the results of a list are kept: --state, else careen-fleet beside it."""
    return (state if state is not None else images.parent / "careen-fleet").absolute()
