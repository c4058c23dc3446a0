"""`careen fleet index`: put documents of many images into the store."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from careen.cli.fleet.options import json_option, quiet_option, store_option
from careen.cli.options import database_option
from careen.cli.signer import names_signer, signer_of, signer_options

if TYPE_CHECKING:
    from careen.pipeline.fleet.gathering import Gathering
    from careen.pipeline.fleet.pods import LiveCluster
    from careen.report.terminal_output.progress import Progress

FORGED = 3


@click.command("index", short_help="Put SBOMs, RBOMs, reports and attestations into the store.")
@click.argument("sources", nargs=-1, metavar="[SOURCE…]")
@click.option(
    "--jobs",
    type=click.IntRange(min=1, max=64),
    metavar="N",
    help=(
        "Processes that read documents, and images of registries that are read at once; default:"
        " one for each processor, 16 at most."
    ),
)
@click.option(
    "--cluster",
    metavar="NAME",
    help="Ask an API server of Kubernetes what runs in its cluster, and call that NAME.",
)
@click.option(
    "--pods-from",
    metavar="URL",
    help="With it: where pods are listed; default: the API server of the pod that careen runs in.",
)
@click.option("--scan", is_flag=True, help="Scan images of registries that have no attested SBOM.")
@database_option
@signer_options
@click.option(
    "--platform", metavar="OS/ARCH[/VARIANT]", help="Which image of an index; default: this one's."
)
@click.option(
    "--tls-verify",
    type=click.BOOL,
    metavar="true|false",
    help=(
        "Whether registries must speak HTTPS with a trusted certificate; default true, except that"
        " one on this machine may speak plain HTTP."
    ),
)
@store_option
@quiet_option
@json_option
def command(sources: tuple[str, ...], **given: Any) -> int:
    """Put what each SOURCE says of images into the store: report directories of careen, SBOMs
    (CycloneDX, SPDX, Syft), RBOMs, scans and attestations, directories of them, lists of documents
    (docs/fleet.md), the list of `careen watch`, what runs in a cluster (`kubectl get pods -A -o
    json`), and images of a registry with what is attached to them: one image, a repository, or all
    repositories below a name that ends with a slash.

    With --cluster the API server is asked what runs.

    What is in the store already is skipped, so a run that was cut off goes on where it was. What
    cannot be read is named, and the rest goes on; then the status is 1. With --key or an identity,
    only what this signer has signed is indexed; if a signature is wrong, the status is 3.

    \b
    careen fleet index careen-out
    careen fleet index sboms --store postgresql:///fleet
    careen fleet index registry.example/team/ --key cosign.pub
    careen fleet index registry.example/team/embed images.toml --scan
    careen fleet index --cluster prod --pods-from http://127.0.0.1:8001/api/v1/pods
    """
    from careen.cli.running import emit
    from careen.fleet.store.place import store_place
    from careen.pipeline.fleet.index import index as put_all
    from careen.pipeline.fleet.reading import default_jobs
    from careen.report.documents.document import to_json
    from careen.report.fleet.indexed import indexed_lines

    cluster = _cluster(given)
    if not sources and cluster is None:
        msg = "what is indexed? name a SOURCE, or --cluster NAME"
        raise click.UsageError(msg)
    jobs = given["jobs"] or default_jobs()
    with _gathering(sources, given) as (progress, gathering):
        place = store_place(given["store"])
        done = put_all(place, sources, progress, jobs, gathering, cluster)
    if given["as_json"]:
        emit(to_json(done))
    else:
        for line in indexed_lines(done, quiet=given["quiet"]):
            click.echo(line)
    if any(each.forged for each in done.refused):
        return FORGED
    return 1 if done.refused else 0


def _cluster(given: dict[str, Any]) -> "LiveCluster | None":
    from careen.pipeline.fleet.pods import LiveCluster

    name, place = given["cluster"], given["pods_from"]
    if name:
        return LiveCluster(name, place or "", os.environ)
    if name is not None:
        msg = "--cluster: the name is empty; what is the cluster called?"
        raise click.UsageError(msg)
    if place:
        msg = "--pods-from: of which cluster? name it with --cluster"
        raise click.UsageError(msg)
    return None


@contextmanager
def _gathering(
    sources: tuple[str, ...], given: dict[str, Any]
) -> "Iterator[tuple[Progress, Gathering | None]]":
    """Yield how images of registries are read; None where only documents are."""
    from careen.advisories.matching.location import default_database
    from careen.cli import settle
    from careen.cli.running import open_session, progress_of
    from careen.pipeline.fleet.gathering import Gathering, needs_session
    from careen.pipeline.fleet.reading import default_jobs
    from careen.pipeline.fleet.trust import trusted
    from careen.workload.configuration.project import ProjectConfig

    signer = signer_of(given) if names_signer(given) else None
    if signer is None and not given["scan"] and not needs_session(sources):
        yield progress_of(given), None
        return
    with open_session(settle.settings(given, ProjectConfig()), given) as run:
        trust = None if signer is None else trusted(signer, run.scratch("trust"))
        database: Path | None = None
        if given["scan"]:
            database = (given["db"] or default_database()).absolute()
        yield run.progress, Gathering(run, trust, database, given["jobs"] or default_jobs())
