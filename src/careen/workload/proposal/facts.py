"""What an image or a Dockerfile says of the service in it."""

from collections.abc import Mapping
from dataclasses import dataclass

from careen.model.image import ImageConfig


@dataclass(frozen=True, slots=True)
class Facts:
    """What a workload's settings follow from.

    `origin` names the source for comments. `ports` are TCP ports. `health` is the HEALTHCHECK in
    words, "" without one. `unset` are variables to which the image gives no value; `asked` those
    that the user's own files name without one. `command` is the command line in words. A worker
    runs until it is stopped, with or without a port.
    """

    origin: str
    ports: tuple[int, ...] = ()
    health: str = ""
    user: str = ""
    volumes: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    command: str = ""
    is_worker: bool = False

    @property
    def is_service(self) -> bool:
        """Whether it runs until it is stopped, as a port or a health check shows."""
        return bool(self.ports or self.health or self.is_worker)


def facts_of(config: ImageConfig, ports: tuple[int, ...], origin: str) -> Facts:
    """Return the facts of an image; `ports` are its exposed TCP ports."""
    return Facts(
        origin,
        ports,
        " ".join(config.healthcheck_argv),
        config.user,
        config.volumes,
        empty_names(config.env),
        command=" ".join((*config.entrypoint, *config.cmd)),
    )


def empty_names(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of variables without a value."""
    return tuple(name for name, value in variables.items() if name and not value)
