"""What to type instead of a verb that careen does not have."""

from collections.abc import Collection
from difflib import get_close_matches

# Verbs of other tools, and what does the same here.
_ELSEWHERE = {
    "version": "careen --version",
    "help": "careen --help",
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
    """Return `; did you mean …?` for an unknown verb, or "" when nothing comes close."""
    close = get_close_matches(name, verbs, 1)
    if close:
        return f"; did you mean `careen {close[0]}`?"
    return f"; use `{_ELSEWHERE[name]}`" if name in _ELSEWHERE else ""
