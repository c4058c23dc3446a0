"""Read a compose file by docker's compose plug-in, which alone knows what it means."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from careen.engines.client.client import DOCKER, PROBE_SECONDS, SHORT, complaint
from careen.errors import InputError, ToolError
from careen.tools.process import run

PACKAGES = (
    "`apt-get install docker-compose` on Debian 13, docker-compose-v2 on Ubuntu,"
    " docker-compose-plugin from docker's own packages"
)
MISSING = f"docker's compose plug-in is not installed: {PACKAGES}"
_UNSET = re.compile(r'The \\*"([A-Za-z_][A-Za-z0-9_]{0,127})\\*" variable is not set')
_NO_PLUGIN = ("is not a docker command", "unknown shorthand flag", "unknown command")
MOST = 12 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ComposeFile:
    """A compose file as one JSON document; `unset` are variables that it names and nothing sets."""

    text: str
    unset: tuple[str, ...] = ()


def compose_version() -> str:
    """Return the version of docker's compose plug-in, "" without it."""
    program = DOCKER.program.path()
    if program is None:
        return ""
    done = run((program, "compose", "version", "--short"), timeout=PROBE_SECONDS)
    found = re.fullmatch(r"v?([0-9A-Za-z.+~-]{1,60})\s*", done.text)
    return found[1] if done.status == 0 and found is not None else ""


def read_compose(files: Sequence[Path]) -> ComposeFile:
    """Return the compose file, merged and interpolated, with defaults.

    Variables come from careen's environment and from `.env`, as in compose. Raises InputError with
    compose's message for a file that it refuses, ToolError if the plug-in is missing.
    """
    for file in files:
        if not file.is_file():
            msg = f"compose file {str(file)!r}: no such file; check the path"
            raise InputError(msg)
    words = [word for file in files for word in ("--file", str(file))]
    argv = (DOCKER.program.require(), "compose", *words, "config", "--format", "json")
    done = run(argv, timeout=SHORT)
    said = done.stderr.decode("utf-8", "replace")
    unset = tuple(dict.fromkeys(_UNSET.findall(said)))
    if done.status is None:
        msg = f"compose file {str(files[0])!r}: docker compose did not answer in {SHORT:g} s"
        raise ToolError(msg)
    if done.status != 0:
        if any(words in said for words in _NO_PLUGIN):
            raise ToolError(MISSING)
        hint = f"; not set here: {', '.join(unset)}" if unset else ""
        msg = f"compose file {str(files[0])!r}: {complaint(said)}{hint}"
        raise InputError(msg)
    if len(done.stdout) > MOST:
        msg = f"compose file {str(files[0])!r}: more than {MOST:,} bytes when it is written out"
        raise InputError(msg)
    document_of(done.text)
    return ComposeFile(done.text, unset)


def document_of(text: str) -> dict[str, Any]:
    """Return the parsed document. Raises ToolError if it is not what compose prints."""
    try:
        found = json.loads(text)
    except ValueError as error:
        msg = f"docker compose config: not JSON ({error}); is the plug-in older than 2.5?"
        raise ToolError(msg) from error
    if not isinstance(found, dict) or not isinstance(found.get("services"), dict):
        msg = "docker compose config: no services in its answer"
        raise ToolError(msg)
    return found


def services_of(document: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Return the services by name."""
    return {str(name): service or {} for name, service in document["services"].items()}


def image_of(document: Mapping[str, Any], name: str) -> str:
    """Return the image of a service: its own, or the name that compose gives to what it builds."""
    service = services_of(document)[name]
    return plain(str(service.get("image") or f"{document.get('name')}-{name}"))


def plain(text: str) -> str:
    """Return a text of the document with single dollar signs."""
    return text.replace("$$", "$")


def ports_of(document: Mapping[str, Any], name: str) -> tuple[int, ...]:
    """Return the TCP ports that a service publishes or exposes, the published ones first."""
    service = services_of(document)[name]
    found = [
        str(port.get("target"))
        for port in service.get("ports") or ()
        if isinstance(port, dict) and port.get("protocol", "tcp") == "tcp"
    ]
    found += [
        str(port).removesuffix("/tcp")
        for port in service.get("expose") or ()
        if "/" not in str(port).removesuffix("/tcp")
    ]
    return tuple(dict.fromkeys(int(port) for port in found if port.isascii() and port.isdigit()))
