"""Options that several verbs of `careen base` share."""

from pathlib import Path

import click

from careen.model.catalog.entry import Variant

BROKEN = 3

catalogs_option = click.option(
    "--catalog",
    "catalogs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="More entries (TOML, docs/catalog.md).",
)
variant_option = click.option(
    "--variant",
    type=click.Choice([each.value for each in Variant]),
    default=Variant.RUNTIME.value,
    show_default=True,
    help="runtime: no shell, not root; compat: as upstream; dev: runtime and build tools on top.",
)
