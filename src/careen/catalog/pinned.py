"""Whether what was fetched is what a lock names, before any script of a package runs."""

from collections.abc import Mapping

from careen.errors import VerificationError


def require_pinned(locked: Mapping[str, str], fetched: Mapping[str, str]) -> None:
    """Raise VerificationError unless both name the same packages with the same SHA-256 (hex)."""
    # a valid signature is not enough: its holder may sign other bytes under the same version
    names = sorted(locked.keys() | fetched.keys())
    odd = next((each for each in names if locked.get(each) != fetched.get(each)), None)
    if odd is None:
        return
    said = (
        "was not fetched"
        if odd not in fetched
        else "is not in the lock"
        if odd not in locked
        else f"has the SHA-256 {fetched[odd]}, and the lock has {locked[odd]}"
    )
    msg = (
        f"the packages are not those of the lock: {odd} {said}; nothing was installed; give another"
        " source, or build without --lock to make a new one"
    )
    raise VerificationError(msg)
