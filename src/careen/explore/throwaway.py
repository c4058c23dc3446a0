"""The user's run options, changed so that an experiment leaves nothing behind."""

from dataclasses import replace

from careen.model.publish import parse_publication
from careen.model.runs.workload import RunOptions

LOCAL = "127.0.0.1"
_PARTS = 3


def throwaway(options: RunOptions) -> RunOptions:
    """Return the options for a container without lasting effects.

    Host volumes are read-only, named volumes become anonymous, and TCP ports are published on free
    ports of 127.0.0.1.
    """
    return replace(
        options,
        volumes=tuple(map(_volume, options.volumes)),
        ports=tuple(port for text in options.ports for port in _ports(text)),
        compose=replace(options.compose, throwaway=True) if options.compose is not None else None,
    )


def _volume(text: str) -> str:
    parts = text.split(":")
    if len(parts) == 1 or len(parts) > _PARTS:
        return text  # already anonymous, or invalid
    source, target, words = parts[0], parts[1], parts[2] if len(parts) == _PARTS else ""
    kept = [word for word in words.split(",") if word not in {"", "rw", "ro", "nocopy"}]
    if source.startswith(("/", ".")):
        return ":".join((source, target, ",".join((*kept, "ro"))))
    return target


def _ports(text: str) -> tuple[str, ...]:
    wanted = parse_publication(text)
    return tuple(f"{LOCAL}::{port}" for port in wanted.inside) if wanted.protocol == "tcp" else ()
