"""Combine `--compose` and `--service` with careen.toml: services, their images and workloads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from careen.errors import InputError
from careen.model.runs.compose import ComposeService
from careen.model.runs.workload import RunOptions, Workload

if TYPE_CHECKING:
    from careen.workload.configuration.project import ProjectConfig

FILES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")


@dataclass(frozen=True, slots=True)
class ServiceGroup:
    """Services of one image, and their workloads.

    `built` names those that compose builds. `beside` are their neighbours, `unset`
    variables that the file names and nothing sets.
    """

    services: tuple[str, ...]
    image: str
    workloads: tuple[Workload, ...]
    built: tuple[str, ...]
    beside: tuple[str, ...]
    unset: tuple[str, ...] = ()


def service_groups(
    given: dict[str, Any], project: "ProjectConfig", image: str | None
) -> tuple[ServiceGroup, ...]:
    """Return the chosen services, grouped by their image; nothing without a compose file.

    Raises InputError for an unknown service, and for one that careen cannot watch.
    """
    from careen.engines.compose.file import document_of, image_of, read_compose, services_of
    from careen.engines.compose.neighbours import check_service, needed

    files = given.get("compose_files") or project.compose
    if not files:
        if given.get("services"):
            msg = "--service: is a service of a compose file; name the file with --compose"
            raise InputError(msg)
        return ()
    read = read_compose(files)
    text, document = read.text, document_of(read.text)
    found: dict[str, list[Workload]] = {}
    for workload in _workloads(given, project, services_of(document)):
        run = workload.run
        name = _name(workload)
        check_service(document, name)
        found.setdefault(image or image_of(document, name), []).append(
            replace(workload, run=_in_service(run, name, text, files))
        )
    if image and len({_name(each) for each in found[image]}) > 1:
        msg = f"IMAGE {image!r} and several services: each has an image of its own; leave IMAGE out"
        raise InputError(msg)
    out = []
    for its_image, workloads in found.items():
        names = tuple(dict.fromkeys(map(_name, workloads)))
        built = tuple(name for name in names if services_of(document)[name].get("build"))
        beside = sorted({each for name in names for each in needed(document, name)})
        out.append(
            ServiceGroup(names, its_image, tuple(workloads), built, tuple(beside), read.unset)
        )
    return tuple(out)


def with_services(workloads: tuple[Workload, ...], files: Sequence[Path]) -> tuple[Workload, ...]:
    """Return the workloads with what the compose files say of their services."""
    from careen.engines.compose.file import read_compose

    if not any(workload.run.compose for workload in workloads):
        return workloads
    if not files:
        name = next(_name(workload) for workload in workloads if workload.run.compose)
        msg = f'service {name!r}: careen.toml names no compose file; write compose = "compose.yaml"'
        raise InputError(msg)
    text = read_compose(files).text
    return tuple(
        replace(workload, run=_in_service(workload.run, _name(workload), text, files))
        if workload.run.compose
        else workload
        for workload in workloads
    )


def _name(workload: Workload) -> str:
    return workload.run.compose.name if workload.run.compose is not None else ""


def _workloads(
    given: dict[str, Any], project: "ProjectConfig", services: Mapping[str, Any]
) -> tuple[Workload, ...]:
    """Return the workloads, each with the name of its service."""
    from careen.cli.settle import described_workloads

    wanted = tuple(dict.fromkeys(given.get("services") or ()))
    described = described_workloads(given, project)
    if not project.workloads:
        names = wanted or _only(services)
        return tuple(
            replace(each, name=name, run=replace(each.run, compose=ComposeService(name)))
            for name in names
            for each in described
        )
    out = []
    for each in described:
        name = _name(each) or (wanted[0] if len(wanted) == 1 else "")
        if not name:
            msg = f'workload {each.name!r}: has no service; write service = "NAME" in careen.toml'
            raise InputError(msg)
        if not wanted or name in wanted:
            out.append(replace(each, run=replace(each.run, compose=ComposeService(name))))
    if missing := set(wanted) - {_name(each) for each in out}:
        msg = f"service {min(missing)!r}: no workload of careen.toml is of it"
        raise InputError(msg)
    return tuple(out)


def _only(services: Mapping[str, Any]) -> tuple[str, ...]:
    if len(services) == 1:
        return tuple(services)
    msg = (
        f"--compose: name the service to work on with --service; the file has {', '.join(services)}"
    )
    raise InputError(msg)


def _in_service(run: RunOptions, name: str, text: str, files: Sequence[Path]) -> RunOptions:
    """Return the options in a service; its ports are published on free ports of 127.0.0.1."""
    from careen.engines.compose.file import document_of, ports_of
    from careen.engines.compose.neighbours import check_service

    document = document_of(text)
    check_service(document, name)
    ports = run.ports or tuple(f"127.0.0.1::{port}" for port in ports_of(document, name))
    directory = str(files[0].absolute().parent)
    return replace(run, ports=ports, compose=ComposeService(name, directory, text))
