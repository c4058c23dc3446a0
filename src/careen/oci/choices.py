"""The choices that a message lists, when the user must name one image of several."""

from collections.abc import Sequence

# An index of 8 MiB names a thousand images, each at any length: the message stays one line.
_MOST = 20
_LONGEST = 200


def listed(choices: Sequence[str]) -> str:
    """Return the first 20 choices, each of at most 200 characters, and how many more there are."""
    shown = ", ".join(
        choice if len(choice) <= _LONGEST else choice[:_LONGEST] + "…" for choice in choices[:_MOST]
    )
    left = len(choices) - _MOST
    return f"{shown} and {left} more" if left > 0 else shown
