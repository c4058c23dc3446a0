"""`careen verify-evidence`: check the attestations of a report."""

from pathlib import Path
from typing import Any

import click

from careen.cli.options import run_options
from careen.cli.signer import signer_of, signer_options

FAILED = 3


@click.command
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@signer_options
@click.option(
    "--image",
    metavar="IMAGE",
    help="The result: its digest and its bytes must be those that the evidence is about.",
)
@click.option(
    "--require",
    "required",
    metavar="NAMES",
    default="",
    help=(
        "Attestations that must be there, besides provenance, test-result and"
        " verification-summary: sbom, spdx, vex, rbom, vulnerabilities; separated by commas."
    ),
)
@run_options
def command(directory: Path, config_file: Path | None, **given: Any) -> int:
    """Check the attestations in DIR/attestations: the signatures, the image that they are about,
    and that they say what the files of DIR say. Needs no network for a key in a file.

    With --image, the image is read: its packages must be those of the SBOMs, and the files that
    the RBOM names must have the contents that it says, or be absent as planned.

    Ends with status 3 if anything is wrong.

    \b
    careen verify-evidence careen-out/my-service-1 --key cosign.pub
    careen verify-evidence evidence/ --key cosign.pub --image docker://r.example/app:1
    careen verify-evidence evidence/ --certificate-identity ci@r.example \\
        --certificate-oidc-issuer https://issuer.example --trusted-root root.json
    """
    from careen.cli import settle
    from careen.cli.running import emit, open_session
    from careen.pipeline.image_agreement import in_words
    from careen.pipeline.verify_evidence import EvidenceRequest, verify_evidence
    from careen.report.documents.attestations import evidence_json
    from careen.report.terminal_output.screen import shown

    key = signer_of(given)
    project = settle.load_project(config_file)
    names = tuple(name.strip() for name in given["required"].split(",") if name.strip())
    image = settle.image(given["image"], project) if given["image"] else None
    with open_session(settle.settings(given, project), given) as run, run.stage("verify"):
        found = verify_evidence(EvidenceRequest(directory, key, image, names), run)
    if given["as_json"]:
        emit(evidence_json(found))
        return 0 if found.passed else FAILED
    if not given["quiet"]:
        for each in found.checked:
            sign = "wrong" if each.problem else "signed"
            line = f"{sign:8}{each.name}  {each.problem or each.predicate_type}"
            click.echo(shown(line))
        if found.agreement is not None:
            click.echo(shown(f"{'image':8}{in_words(found.agreement)}"))
        for problem in found.problems:
            click.echo(shown(f"{'wrong':8}{problem}"))
    verdict = "verified" if found.passed else "NOT verified"
    click.echo(f"{verdict}: {len(found.checked)} attestations of {found.digest or 'no image'}")
    return 0 if found.passed else FAILED
