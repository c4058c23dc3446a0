"""`careen attest`: sign what a finished run says of its result."""

from pathlib import Path
from typing import Any

import click

from careen.cli.options import run_options
from careen.errors import InputError


@click.command
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--key",
    required=True,
    help="Private key for cosign: a file, pkcs11:… or a key service's URI.",
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
    password is read from COSIGN_PASSWORD. Nothing is sent to a transparency log.

    \b
    careen attest careen-out/my-service-1 --key cosign.key
    careen attest careen-out/my-service-1 --key cosign.key --attach docker://r.example/app:1
    """
    from careen.cli import settle
    from careen.cli.running import emit, open_session
    from careen.pipeline.attest import AttestRequest, attest
    from careen.report.documents.attestations import attested_json

    if given["att_tag"] and given["image"] is None:
        msg = "--att-tag: only applies to --attach"
        raise InputError(msg)
    project = settle.load_project(config_file)
    with open_session(settle.settings(given, project), given) as run, run.stage("attest"):
        done = attest(AttestRequest(directory, given["key"], given["image"], given["att_tag"]), run)
    if given["as_json"]:
        emit(attested_json(done))
        return 0
    for path, kind in done.bundles.items():
        click.echo(f"{path}  {kind}" if not given["quiet"] else str(path))
    if done.attached and not given["quiet"]:
        click.echo(f"attached to {done.attached}")
    return 0
