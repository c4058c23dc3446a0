"""Where the state of a catalog is."""

from pathlib import Path

import click

state_option = click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="What passes leave; default: ~/.local/share/careen/catalog.",
)


def state_of(state: Path | None) -> Path:
    """Return the state directory of the option, or the user's."""
    from careen.tools.user_data import user_data

    return (state if state is not None else user_data() / "catalog").absolute()
