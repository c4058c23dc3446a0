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
sources_option = click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="LINE",
    help="Package source: 'deb URI SUITE COMPONENT…', or the URL of a repository of apk or dnf;"
    " default: those of this machine.",
)
source_key_option = click.option(
    "--source-key",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Keys that sign the sources of --source: OpenPGP, for apk public keys or a directory.",
)
wheel_index_option = click.option(
    "--wheel-index",
    metavar="URL",
    help="Index of the entry's wheels; default: the entry's own, else that of your pip.",
)
variant_option = click.option(
    "--variant",
    type=click.Choice([each.value for each in Variant]),
    default=Variant.RUNTIME.value,
    show_default=True,
    help="runtime: no shell, not root; compat: as upstream; dev: runtime and build tools on top;"
    " fips: runtime in OpenSSL's FIPS mode.",
)
