"""Options that say who must have signed, and what they mean together."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from careen.signing.identity import TrustedIdentity

Command = Callable[..., Any]
_NAMES = ("key", "identity", "issuer", "root")
_OPTIONS = (
    click.option("--key", help="Public key for cosign: a file or a key service's URI."),
    click.option(
        "--certificate-identity",
        "identity",
        metavar="NAME",
        help="Instead of a key: the identity that must have signed, as its certificate names it.",
    ),
    click.option(
        "--certificate-oidc-issuer",
        "issuer",
        metavar="URL",
        help="With --certificate-identity: who vouched for the identity.",
    ),
    click.option(
        "--trusted-root",
        "root",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="With it: authorities to trust, as a Sigstore trusted root; else cosign fetches them.",
    ),
)


def signer_options(command: Command) -> Command:
    """Add the options that name a signer."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def names_signer(given: Mapping[str, Any]) -> bool:
    """Return whether one of the options is given."""
    return any(given.get(name) is not None for name in _NAMES)


def signer_of(given: Mapping[str, Any]) -> "str | TrustedIdentity":
    """Return who must have signed. Raises InputError for neither or both, or half an identity."""
    from careen.errors import InputError
    from careen.signing.identity import TrustedIdentity

    key, identity, issuer, root = map(given.get, _NAMES)
    if key is not None and (identity, issuer, root) == (None, None, None):
        return str(key)
    if key is not None or not identity or not issuer:
        msg = "give --key KEY, or --certificate-identity NAME with --certificate-oidc-issuer URL"
        raise InputError(msg)
    return TrustedIdentity.given(identity, issuer, root)
