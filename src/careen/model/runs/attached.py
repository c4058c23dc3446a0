"""A running container that careen did not start."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunningContainer:
    """Location of a running container on this host, with the metadata of its engine.

    `name` is its docker name, or the control group that the user gave. `pid` is its first process.
    `container_id` is 64 hex characters, "" if the control group's name does not end in them.
    `image` is the reference it was started from and `image_id` the engine's id; both are "" without
    an engine. `engine` is `docker`, or `none` for a control group. `runtime` is the engine's name
    for its runtime (`runc`, `runsc`), "" if unknown.
    """

    name: str
    pid: int
    container_id: str
    engine: str
    image: str = ""
    image_id: str = ""
    command: tuple[str, ...] = ()
    runtime: str = ""
