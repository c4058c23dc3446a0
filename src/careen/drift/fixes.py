"""What to do about a deviation, in one line."""

import shlex

from careen.model.plan import Reason
from careen.model.runs.drift import DriftKind

_PROFILE = (
    "profile the original with a test of it, or record a container of the original (careen profile"
    " --attach, then --merge)"
)


def fix_of_path(kind: DriftKind, path: str, reason: Reason | None, *, in_image: bool) -> str:
    """Return what to do about a path that the plan removed, or that nobody expected."""
    if kind is DriftKind.REMOVED and reason is not None:
        if reason.code == "user-remove":
            return f"harden again without {reason.detail}"
        return (
            f"harden again with --keep {shlex.quote(path)}, or with --with-events and these events"
        )
    if kind is DriftKind.CHANGED:
        return f"its content is not the image's: find out who changed it{_or(path)}"
    if reason is not None:
        return f"the plan removed this file, and it is there again: find out who made it{_or(path)}"
    if not in_image:
        return f"the image has no such file: find out who made it{_or(path)}"
    return fix_of_name(path)


def fix_of_name(subject: str) -> str:
    """Return what makes an unknown thing known that can be profiled."""
    return f"if it is meant: {_PROFILE}; or --allow {shlex.quote(subject)}"


def _or(path: str) -> str:
    return f"; if it is meant: --allow {shlex.quote(path)}"
