"""What pip says of a wheel that is not the one of a lock, in one clear line."""

import re

from careen.errors import VerificationError

_OTHER = re.compile(  # from the name to both digests
    r"^ {4}(\S{1,200})==(\S{1,200}) from [^\n]{1,4000}\n"
    r" {8}Expected sha256 ([0-9a-f]{64})\n {13}Got {8}([0-9a-f]{64})$",
    re.MULTILINE,
)


def require_same(output: str) -> None:
    """Raise VerificationError if pip's output says that a wheel has another hash than asked for."""
    if found := _OTHER.search(output):
        msg = (
            f"fetching wheels: {found[1]} {found[2]} is not the one of the lock: it has the SHA-256"
            f" {found[4]}, and the lock has {found[3]}; nothing was installed; give another index,"
            " or build without --lock to make a new one"
        )
        raise VerificationError(msg)
