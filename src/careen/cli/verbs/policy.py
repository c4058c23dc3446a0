"""`careen policy`: runtime policies of an image from its RBOM."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from careen.cli.options import ContainerCommand, destination_options, run_options, workload_options
from careen.errors import InputError

if TYPE_CHECKING:
    from careen.model.runs.workload import Workload
    from careen.pipeline.run.settings import Destination
    from careen.workload.configuration.project import ProjectConfig

DEFAULT = Path("policy")
FAILED = 3


@click.command(cls=ContainerCommand)
@click.argument("image", required=False)
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--rbom",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The RBOM of this image, or of the image that it was made from.",
)
@click.option(
    "--policy-dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the files go; default: policy.",
)
@click.option(
    "--name",
    metavar="NAME",
    help="Name of service, pod and profiles; default: that of the RBOM's image.",
)
@click.option(
    "--audit",
    is_flag=True,
    help="Log what the policy would refuse, and refuse nothing beyond docker's defaults.",
)
@click.option(
    "--prove",
    is_flag=True,
    help="Run the tests under the policy, and try what it must block.",
)
@click.option(
    "--explore",
    type=click.Choice(["safe", "off"]),
    help="With --prove: repeat exploration under the policy; default off. Needs a sensor.",
)
@destination_options
@workload_options
@run_options
def command(image: str | None, config_file: Path | None, **given: Any) -> int:
    """Write what IMAGE may do at run time, from what its workload did (the RBOM): seccomp and
    AppArmor profiles, docker flags, a compose override, Kubernetes objects, and a bill of behaviour
    for Kubescape.

    With --prove it ends with status 3 if a test fails under the policy; the files are written then,
    too. --user is whom the container runs as; default: the image's USER. With -t, the result is a
    new image that can run as that user.

    \b
    careen policy my/service:1-hardened --rbom careen-out/my_service_1-hardened/rbom.json
    careen policy my/service:1-hardened --rbom rbom.json --prove --test 'pytest -q tests/smoke'
    careen policy my/service:1 --rbom rbom.json --audit --policy-dir policy-audit
    careen policy my/service:1 --rbom rbom.json --user 10001 -t my/service:1-user --prove --test …
    """
    from careen.cli import settle
    from careen.cli.running import emit, open_session
    from careen.pipeline.policy import PolicyRequest, make_policies
    from careen.report.documents.policy import policy_json
    from careen.report.terminal_output.screen import open_console
    from careen.report.views.policy import final_line, print_policy

    project = settle.load_project(config_file)
    folder = given["policy_dir"] or DEFAULT
    request = PolicyRequest(
        image=settle.image(image, project),
        rbom=given["rbom"],
        folder=folder,
        name=given["name"],
        audit=given["audit"],
        user=given["user"],
        workloads=_workloads(given, project),
        destination=_destination(given, project),
        explores=given["explore"] == "safe",
    )
    with open_session(settle.settings(given, project), given) as run:
        written = make_policies(request, run)
    if given["as_json"]:
        emit(policy_json(written.policy))
    elif given["quiet"]:
        click.echo(final_line(written.policy, folder))
    else:
        print_policy(open_console(sys.stdout), written.policy, written.files)
        click.echo(final_line(written.policy, folder))
    proof = written.policy.proof
    return 0 if proof is None or proof.passed else FAILED


def _destination(given: dict[str, Any], project: "ProjectConfig") -> "Destination":
    """Return where the image for another user goes; careen.toml's is that of `careen harden`."""
    from careen.cli import settle

    wanted = [name for name in ("tag", "push", "outputs") if given[name]]
    if wanted and not (given["user"] and given["prove"]):
        msg = (
            "-t and -o: name an image that runs as another user, which tests must have passed; give"
            " --user UID and --prove, too"
        )
        raise InputError(msg)
    return settle.destination(given, replace(project, tag=None, output=()))


def _workloads(given: dict[str, Any], project: "ProjectConfig") -> "tuple[Workload, ...]":
    """Return the workloads that prove the policy, none without --prove.

    Raises InputError for options that contradict each other.
    """
    from careen.cli import settle
    from careen.workload.validate import validate_workload

    rest = {**given, "user": None}
    if given["prove"] and given["audit"]:
        msg = "--audit and --prove: an audit policy refuses nothing; prove it without --audit"
        raise InputError(msg)
    if not given["prove"]:
        option = settle.described_by(rest) or ("--explore" if given["explore"] else None)
        if option is not None:
            msg = f"{option}: describes how to run the image, which only --prove does"
            raise InputError(msg)
        return ()
    workloads = settle.workloads(rest, project)
    for workload in workloads:
        validate_workload(workload)
    return workloads
