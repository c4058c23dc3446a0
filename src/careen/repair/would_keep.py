"""Mechanism, rule or option that would have kept a path."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from careen.model.entry import Entry
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan, Reason


@dataclass(frozen=True, slots=True)
class Alternative:
    """Plan of another level for the same image and profile."""

    level: Level
    keep: Mapping[ImagePath, Reason]


def would_keep(path: ImagePath, plan: Plan, alternatives: Iterable[Alternative]) -> str:
    """Return what would have kept a path that `plan` removes, never empty.

    This is the first wider level with its reason, or else the option to use.
    """
    removed = plan.remove.get(path)
    if removed is not None and removed.code == "user-remove":
        return f"without {removed.detail}"
    for other in alternatives:
        reason = other.keep.get(path)
        if reason is not None:
            return f"level {other.level.value}: {reason.code}: {reason.detail}"
    return keep_line((path,))


def weight(entries: Iterable[Entry]) -> int:
    """Return the total size of regular files in bytes; hard links count once."""
    return sum({entry.inode: entry.size for entry in entries if entry.is_file}.values())


def keep_line(paths: Iterable[ImagePath]) -> str:
    """Return the options that keep exactly these paths, with glob characters escaped."""
    return " ".join(f"--keep {_quoted(path)}" for path in paths)


def _quoted(path: ImagePath) -> str:
    plain = "".join(f"[{char}]" if char in "*?[" else char for char in path)
    return (
        plain
        if all(char.isalnum() or char in "/._-+@:%," for char in plain)
        else "'" + plain.replace("'", "'\\''") + "'"
    )
