"""The compose file of overrides that names hardened images."""

from collections.abc import Mapping
from dataclasses import dataclass

import yaml

from careen.formats.yaml_writer import PlainDumper

HEAD = (
    "# The hardened images, for `docker compose -f compose.yaml -f THIS_FILE up`. `!reset` needs\n"
    "# docker compose 2.24 or later.\n"
)


@dataclass(frozen=True, slots=True)
class NamedService:
    """The hardened image of a service; `built` says that the compose file builds its image."""

    image: str
    built: bool


class _Reset:
    """A value that removes what the compose file says."""


class _Dumper(PlainDumper):
    """Writes `!reset null` for a _Reset."""


_Dumper.add_representer(
    _Reset, lambda dumper, _: dumper.represent_scalar("!reset", "null", style="")
)


def override(services: Mapping[str, NamedService]) -> bytes:
    """Return the file; a service that was built is not built any more."""
    document = {
        "services": {
            name: {"image": each.image, **({"build": _Reset()} if each.built else {})}
            for name, each in services.items()
        }
    }
    written: str = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
    return (HEAD + written).encode()
