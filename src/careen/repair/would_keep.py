"""Which mechanism, rule or option would have kept a path: what repair found out once should not
have to be found out again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from careen.model.entry import Entry
from careen.model.paths import ImagePath
from careen.model.plan import Level, Plan, Reason


@dataclass(frozen=True, slots=True)
class Alternative:
    """The plan that another level would have made of the same image and profile."""

    level: Level
    keep: Mapping[ImagePath, Reason]


def would_keep(path: ImagePath, plan: Plan, alternatives: Iterable[Alternative]) -> str:
    """Return what would have kept a path that `plan` removes, never empty: the first of the wider
    levels with its reason, else the option to write.
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
    """Return the bytes of regular files, those of hard links once."""
    return sum({entry.inode: entry.size for entry in entries if entry.is_file}.values())


def keep_line(paths: Iterable[ImagePath]) -> str:
    """Return the options that keep exactly these paths; what globs would read as a pattern is made
    plain.
    """
    return " ".join(f"--keep {_quoted(path)}" for path in paths)


def _quoted(path: ImagePath) -> str:
    plain = "".join(f"[{char}]" if char in "*?[" else char for char in path)
    return (
        plain
        if all(char.isalnum() or char in "/._-+@:%," for char in plain)
        else "'" + plain.replace("'", "'\\''") + "'"
    )
