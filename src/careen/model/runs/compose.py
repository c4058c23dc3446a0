"""A service of a compose file, as a way to run an image."""

from dataclasses import dataclass, field

HARDENED = "compose.hardened.yaml"
"""Name of the file of overrides that names hardened images, in a report directory."""


@dataclass(frozen=True, slots=True)
class ComposeService:
    """A service that runs beside its neighbours.

    `document` is the whole compose file as `docker compose config` prints it: JSON, with `$$` for
    each dollar sign; "" if the file was not read yet. It may hold secrets. `directory` is where its
    relative paths begin. With `throwaway` its bind mounts and external volumes are read-only.
    """

    name: str
    directory: str = ""
    document: str = field(default="", repr=False)
    throwaway: bool = False
