"""A container that somebody else started and that runs already."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunningContainer:
    """Where it is on this machine, and what its engine knows of it.

    `name` is its name in docker, or the control group that the user named; `pid` its first process;
    `container_id` its 64 hex characters, "" if its control group's name does not end in them.
    `image` is the reference that it was started from and `image_id` the engine's id of that image,
    both "" if there is no engine to ask; `command` its argv, as far as the engine or the process
    tells; `engine` is `docker`, or `none` for what was named by its control group; `runtime` is the
    engine's word for what runs it (`runc`, `runsc`), "" if unknown.
    """

    name: str
    pid: int
    container_id: str
    engine: str
    image: str = ""
    image_id: str = ""
    command: tuple[str, ...] = ()
    runtime: str = ""
