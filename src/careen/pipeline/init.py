"""Write a first careen.toml for an image, a Dockerfile or a compose file."""

import os
import shlex
from dataclasses import dataclass, replace
from pathlib import Path

from careen.engines.compose.file import document_of, image_of, read_compose, services_of
from careen.errors import ConfigError, InputError, ToolError
from careen.model.image import ImageConfig
from careen.oci.recognise import image_source_at
from careen.oci.reference import EngineImage, RegistryImage, parse_reference
from careen.pipeline.run.session import Session
from careen.pipeline.run.source import open_source
from careen.tools.read_file import read_file
from careen.tools.whole_file import write_atomically
from careen.workload.ports import exposed_tcp_ports
from careen.workload.proposal.compose import chosen_services, compose_settings, service_facts
from careen.workload.proposal.dockerfile import LIMIT, read_dockerfile
from careen.workload.proposal.env_example import unset_names
from careen.workload.proposal.facts import Facts, facts_of
from careen.workload.proposal.found_tests import find_tests
from careen.workload.proposal.names import hardened, workload_name
from careen.workload.proposal.settings import Setting, workload_settings
from careen.workload.proposal.toml_text import toml_comment, toml_text

MODE = 0o644
HEAD = (
    "Written by `careen init {source}`. Each comment says where the line below it comes from. A"
    " line that is a comment itself is not in use: fill it in where it fits. All keys:"
    " docs/careen-toml.md"
)


@dataclass(frozen=True, slots=True)
class InitRequest:
    """What to describe, and the file to write; `force` overwrites it."""

    source: str
    file: Path
    force: bool


@dataclass(frozen=True, slots=True)
class Written:
    """The file that was written, its text, and what is to be done next."""

    file: str
    text: str
    next: tuple[str, ...]


def init(request: InitRequest, session: Session) -> Written:
    """Write the file. Raises InputError if it exists, or for a source that cannot be read."""
    if os.path.lexists(request.file) and not request.force:
        msg = f"{request.file}: exists; --force overwrites it, -o names another file"
        raise InputError(msg)
    kind = _kind(request.source)
    if kind == "compose":
        text, todo = _of_compose(Path(request.source), request, session)
        _write(request.file, text)
        return Written(str(request.file), text, (*todo, "careen harden"))
    top, facts, todo = (
        _of_dockerfile(Path(request.source), session)
        if kind == "Dockerfile"
        else _of_image(request.source, session)
    )
    here = request.file.absolute().parent
    facts = replace(facts, asked=tuple(dict.fromkeys((*facts.asked, *unset_names(here)))))
    name = workload_name(facts.origin if kind == "image" else here.name)
    settings = workload_settings(facts, find_tests(here, facts.ports))
    text = toml_text(HEAD.format(source=request.source), top, {name: settings})
    _write(request.file, text)
    return Written(str(request.file), text, (*todo, "careen harden"))


def _kind(source: str) -> str:
    """Return what a source is, by its file name."""
    path = Path(source)
    if path.suffix in (".yaml", ".yml"):
        return "compose"
    if path.name.startswith(("Dockerfile", "Containerfile")) or path.suffix == ".dockerfile":
        if not path.is_file():
            msg = f"{source}: no such file; check the path"
            raise InputError(msg)
        return "Dockerfile"
    return "image"


def _of_image(source: str, session: Session) -> tuple[tuple[Setting, ...], Facts, tuple[str, ...]]:
    name = image_source_at(source)
    config = _config(name, session)
    facts = facts_of(config, exposed_tcp_ports(config), source)
    reference = parse_reference(name)
    top = (Setting("image", source, "the image that careen init was given"), _result(source))
    if not isinstance(reference, EngineImage | RegistryImage):
        path = "./hardened.tar"
        top = (top[0], Setting("output", path, "the result, a file beside this one"))
    return top, facts, ()


def _config(name: str, session: Session) -> ImageConfig:
    """Return the configuration of an image; one in an engine's store is not read for it."""
    if isinstance(parse_reference(name), EngineImage):
        found = _in_store(name, session)
        if found is not None:
            return found
    with session.stage("inspect"), open_source(name, session) as image:
        return image.config


def _in_store(name: str, session: Session) -> ImageConfig | None:
    """Return the configuration of an image in an engine's store, or None if none has it."""
    try:
        image_id, _ = session.resolve(name)
        found = session.store.client.inspect_image(image_id) or {}
    except (InputError, ToolError):
        return None
    return ImageConfig({"config": found.get("Config") or {}})


def _result(image: str) -> Setting:
    name = hardened(image.removeprefix("docker://"))
    return Setting("tag", name, "the name of the result, which it gets when everything has passed")


def _of_compose(path: Path, request: InitRequest, session: Session) -> tuple[str, tuple[str, ...]]:
    """Return the text for a compose file, and what is to be done first.

    Raises InputError for a file that compose refuses.
    """
    document = document_of(read_compose((path,)).text)
    services = services_of(document)
    chosen, why = chosen_services(document)
    here = request.file.absolute().parent
    workloads: dict[str, tuple[Setting, ...]] = {}
    todo: list[str] = []
    for name in chosen:
        image = image_of(document, name)
        config = _in_store(image, session)
        if config is None and services[name].get("build"):
            todo.append(shlex.join(("docker", "compose", "-f", str(path), "build", name)))
        facts = service_facts(document, name, str(path), config)
        tested = facts.ports and not any(
            setting.key == "test" and setting.active
            for each in workloads.values()
            for setting in each
        )
        service = Setting("service", name, f"{why}; its image is {image}")
        settings = compose_settings(facts, find_tests(here, facts.ports) if tested else ())
        workloads[name] = (service, *settings)
    relative = os.path.relpath(path, here)
    result = (
        hardened(image_of(document, chosen[0]))
        if len(chosen) == 1
        else f"{document.get('name')}:hardened"
    )
    source = "the name of the result" + (", with the service's name after it" * (len(chosen) > 1))
    others = [name for name in services if name not in chosen]
    top = [
        Setting("compose", relative, "the compose file that careen init was given"),
        Setting("tag", result, f"{source}, which it gets when everything has passed"),
    ]
    text = toml_text(HEAD.format(source=request.source), top, workloads)
    for name in others:
        text += toml_comment(
            f"{name} is not hardened: {image_of(document, name)} is not built here, and runs as a"
            " neighbour. To harden it, describe it too:",
            (f"[workload.{name}]", f'service = "{name}"'),
        )
    return text, tuple(todo)


def _of_dockerfile(
    path: Path, session: Session
) -> tuple[tuple[Setting, ...], Facts, tuple[str, ...]]:
    """Return the facts of the image that was built from the file, if there is one by its name."""
    text = read_file(path, LIMIT).decode("utf-8", "replace")
    facts = read_dockerfile(text, str(path))
    name = workload_name(path.absolute().parent.name).lower()
    build = shlex.join(("docker", "build", "-t", name, "-f", str(path), str(path.parent)))
    top = (
        Setting(
            "image",
            name,
            f"a Dockerfile names no image: this is the name of its directory. Build it: {build}",
        ),
        _result(name),
    )
    config = _in_store(name, session)
    if config is None:
        return top, facts, (build,)
    built = facts_of(config, exposed_tcp_ports(config), name)
    # the image has what its base image adds, and the file has the names of its ARG lines
    return top, replace(built, asked=facts.asked), ()


def _write(file: Path, text: str) -> None:
    try:
        folder = os.open(file.absolute().parent, os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            write_atomically(folder, file.name, text.encode(), MODE)
        finally:
            os.close(folder)
    except OSError as error:
        msg = f"{file}: cannot be written: {error.strerror or error}"
        raise ConfigError(msg) from error
