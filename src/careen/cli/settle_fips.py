"""The options of FIPS mode, and what they come to."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from careen.errors import InputError

if TYPE_CHECKING:
    from careen.pipeline.hardening.fips_options import FipsOptions
    from careen.workload.configuration.project import ProjectConfig

_Command = TypeVar("_Command", bound=Callable[..., Any])
_FILE = click.Path(path_type=Path, dir_okay=False)
_NEEDS_FIPS = {
    "fips_module": "--fips-module",
    "fips_cert": "--fips-cert",
    "fips_certificates": "--fips-certificates",
}


def fips_options(command: _Command) -> _Command:
    """Add the options of FIPS mode to a command."""
    options = (
        click.option(
            "--fips",
            is_flag=True,
            help="Turn OpenSSL's FIPS mode on in the new image, and prove it by probes.",
        ),
        click.option(
            "--fips-module",
            type=_FILE,
            metavar="FILE",
            help="The FIPS provider (fips.so); default: the image's, else Debian's package.",
        ),
        click.option(
            "--fips-cert",
            type=click.IntRange(1, 999_999),
            metavar="N",
            help="The certificate that the provider must have in the list.",
        ),
        click.option(
            "--fips-certificates",
            type=_FILE,
            metavar="FILE",
            help="A list of certificates in the place of careen's.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def fips_wishes(given: dict[str, Any], project: "ProjectConfig") -> "FipsOptions | None":
    """Return the choices for FIPS mode, None without --fips.

    Raises InputError for an option that needs --fips, or a file that is not there.
    """
    from careen.cli import settle
    from careen.pipeline.hardening.fips_options import FipsOptions

    if not given["fips"]:
        for key, option in _NEEDS_FIPS.items():
            if given[key] is not None:
                msg = f"{option}: only applies to FIPS mode: add --fips, or remove it"
                raise InputError(msg)
        return None
    for key in ("fips_module", "fips_certificates"):
        path = given[key]
        if path is not None and not path.is_file():
            msg = f"{_NEEDS_FIPS[key]} {str(path)!r}: there is no such file here"
            raise InputError(msg)
    return FipsOptions(
        given["fips_module"],
        given["fips_cert"],
        given["fips_certificates"],
        settle.patch_wishes(given, project),
    )
