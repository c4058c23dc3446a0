"""Advice for an unknown command."""

from collections.abc import Collection
from difflib import get_close_matches

# Commands of other tools, and their equivalents here.
_ELSEWHERE = {
    "version": "careen --version",
    "sbom": "careen scan IMAGE -o cyclonedx-sbom=FILE",
    "vex": "careen scan IMAGE -o openvex=FILE",
    "image": "careen scan IMAGE",
    "build": "careen harden IMAGE -t TAG --test COMMAND",
    "slim": "careen harden IMAGE -t TAG --test COMMAND",
    "explain": "careen why IMAGE PATH",
    "compare": "careen diff IMAGE IMAGE",
    "clean": "careen doctor",
    "update": "careen db update",
}


def advice(name: str, verbs: Collection[str]) -> str:
    """Return `; did you mean …?` for an unknown command, or ""."""
    close = get_close_matches(name, verbs, 1)
    if close:
        return f"; did you mean `careen {close[0]}`?"
    return f"; use `{_ELSEWHERE[name]}`" if name in _ELSEWHERE else ""
