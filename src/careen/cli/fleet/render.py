"""`careen fleet render`: the job of a scheduler that works a list off."""

from pathlib import Path
from typing import Any

import click

_NAMES = ("indexed-job", "kueue", "argo", "tekton", "slurm")  # clusters/jobs/engines.py


@click.command("render", short_help="Write the job of a scheduler that works a list off.")
@click.argument("images", type=click.Path(path_type=Path, dir_okay=False), metavar="IMAGES.toml")
@click.option("--engine", type=click.Choice(_NAMES), required=True, help="Who runs the tasks.")
@click.option(
    "--image",
    default="careen",
    show_default=True,
    metavar="NAME",
    help="The image of the tasks: careen, and what the tests need. Not used by Slurm.",
)
@click.option("--name", default="careen-fleet", show_default=True, help="Name of the job.")
@click.option(
    "--as",
    "listed",
    metavar="PATH",
    help="The list as the tasks see it, below the volume; default: its file name.",
)
@click.option(
    "--claim",
    default="careen-fleet",
    show_default=True,
    help="The PersistentVolumeClaim with the list, what it names, and the database.",
)
@click.option("--namespace", default="careen", show_default=True, help="Namespace of all objects.")
@click.option(
    "--queue", default="", metavar="NAME", help="With kueue: the local queue that admits the job."
)
@click.option(
    "--at-once",
    type=click.IntRange(min=1),
    metavar="N",
    help="Tasks that run side by side; default 4. Tekton decides that itself.",
)
@click.option(
    "--attempts",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="Tries of an image that ends with status 1 or a signal.",
)
@click.option(
    "--max-failures",
    "failures",
    type=click.IntRange(min=0),
    metavar="N",
    help="Kubernetes: end the job when more than N images have failed.",
)
@click.option("--push", is_flag=True, help="Push every result once it has passed.")
def command(images: Path, engine: str, **given: Any) -> int:
    """Write the job of a scheduler that works IMAGES.toml off, one image per task, to standard
    output. careen has no scheduler of its own (docs/incidents.md).

    \b
    careen fleet render images.toml --engine indexed-job --image registry.example/careen:1 |
        kubectl apply -f -
    """
    from careen.clusters.jobs.engines import ENGINES
    from careen.clusters.jobs.job import FleetJob
    from careen.errors import InputError
    from careen.pipeline.watching.image_list import load_list

    if engine == "kueue" and not given["queue"]:
        msg = "--engine kueue needs --queue NAME: the local queue that admits the job"
        raise InputError(msg)
    if given["failures"] is not None and engine not in ("indexed-job", "kueue"):
        msg = f"--max-failures: {engine} cannot end a job after some failures; leave it out"
        raise InputError(msg)
    if given["at_once"] is not None and engine == "tekton":
        msg = "--at-once: a matrix of Tekton has no such limit; leave it out"
        raise InputError(msg)
    given["at_once"] = given["at_once"] or 4
    listed = given.pop("listed") or images.name
    job = FleetJob(listed=listed, count=len(load_list(images)), **given)
    job.check()
    click.echo(ENGINES[engine](job), nl=False)
    return 0
