"""What became of the signatures and attestations of the original, in words."""

from collections.abc import Sequence

from careen.report.terminal_output.figures import counted


def ended_words(kinds: Sequence[str], first: str, unknown: Sequence[str]) -> str:
    """Return one line: how many documents of each kind end with the original, and what is unknown.

    `kinds` has the kind of each document, `first` the digest of the first.
    """
    # In the order that they came in, each kind once.
    parts = [counted(kinds.count(kind), kind) for kind in dict.fromkeys(kinds)]
    listed = " and ".join([", ".join(parts[:-1]), *parts[-1:]] if len(parts) > 1 else parts)
    found = (
        f"{listed} of the original {'does' if len(kinds) == 1 else 'do'} not hold for"
        f" the result: {first}{', first' if len(kinds) > 1 else ''}"
        if kinds
        else "none of the original was found"
    )
    if not unknown:
        return found
    more = f" (and {len(unknown) - 1} more)" if len(unknown) > 1 else ""
    gap = f"unknown: {unknown[0]}{more}"
    return f"{found}; {gap}" if kinds else gap
