"""`careen attest`: sign what a finished run says of its result."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from careen.cli.options import run_options
from careen.errors import InputError

if TYPE_CHECKING:
    from careen.signing.identity import IdentityToken

_SERVICES = ("fulcio_url", "rekor_url", "timestamps")


@click.command
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--key", help="Private key for cosign: a file, pkcs11:… or a key service's URI.")
@click.option(
    "--identity-token",
    "token",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help=(
        "Sign by an identity instead of a key; FILE has its token (a JWT for sigstore)."
        " The public Sigstore publishes the identity; see the next options for one of your own."
    ),
)
@click.option("--fulcio-url", metavar="URL", default="", help="Where certificates come from.")
@click.option("--rekor-url", metavar="URL", default="", help="The log that signatures go to.")
@click.option(
    "--timestamp-server-url",
    "timestamps",
    metavar="URL",
    default="",
    help="The time comes from this authority (RFC 3161). Without --rekor-url, no log is used.",
)
@click.option(
    "--attach",
    "image",
    metavar="IMAGE",
    help="The result in its registry (docker://NAME): attach the bundles there, too.",
)
@click.option(
    "--att-tag",
    is_flag=True,
    help=(
        "With --attach: also write provenance, test result and summary under the image's tag"
        " sha256-….att, for admission controllers that read no bundles."
    ),
)
@run_options
def command(directory: Path, config_file: Path | None, **given: Any) -> int:
    """Sign what the run that left its report in DIR says of its result: provenance, SBOM, VEX,
    RBOM, test results, vulnerabilities and a verification summary.

    Each becomes an in-toto statement in a Sigstore bundle, in DIR/attestations. A key file's
    password is read from COSIGN_PASSWORD. With a key, nothing is sent to a transparency log.

    \b
    careen attest careen-out/my-service-1 --key cosign.key
    careen attest careen-out/my-service-1 --key cosign.key --attach docker://r.example/app:1
    careen attest careen-out/my-service-1 --identity-token token.jwt
    """
    from careen.cli import settle
    from careen.cli.running import emit, open_session
    from careen.pipeline.attest import AttestRequest, attest
    from careen.report.documents.attestations import attested_json

    if given["att_tag"] and given["image"] is None:
        msg = "--att-tag: only applies to --attach"
        raise InputError(msg)
    key = _signs(given)
    project = settle.load_project(config_file)
    with open_session(settle.settings(given, project), given) as run, run.stage("attest"):
        done = attest(AttestRequest(directory, key, given["image"], given["att_tag"]), run)
    if given["as_json"]:
        emit(attested_json(done))
        return 0
    for path, kind in done.bundles.items():
        click.echo(f"{path}  {kind}" if not given["quiet"] else str(path))
    if done.attached and not given["quiet"]:
        click.echo(f"attached to {done.attached}")
    return 0


def _signs(given: Mapping[str, Any]) -> "str | IdentityToken":
    """Return who signs. Raises InputError for neither or both, or what does not apply."""
    from careen.signing.identity import IdentityToken

    key, token = given["key"], given["token"]
    if (key is None) == (token is None):
        msg = "give --key KEY or --identity-token FILE, one of them"
        raise InputError(msg)
    services = tuple(given[name] for name in _SERVICES)
    if token is None:
        if any(services):
            msg = "--fulcio-url, --rekor-url and --timestamp-server-url apply to --identity-token"
            raise InputError(msg)
        return str(key)
    if given["att_tag"]:
        msg = "--att-tag: only applies to --key"
        raise InputError(msg)
    return IdentityToken.given(token, *services)
