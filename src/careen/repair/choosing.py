"""Choice of the suspects to restore in one attempt."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from careen.model.packages.package import Inventory
from careen.model.paths import ImagePath, parent
from careen.repair.removed import Removed
from careen.repair.suspect import USED, Strength, Suspect, strongest

PATIENCE = 2
"""Attempts with a changed failure before all that the failing workload used is restored."""


def choose(suspects: Sequence[Suspect], tried: Iterable[ImagePath]) -> tuple[Suspect, ...]:
    """Return the strongest suspects that were not tried yet, of all failures together."""
    done = frozenset(tried)
    fresh = tuple(strongest(suspect for suspect in suspects if suspect.path not in done).values())
    most = max((suspect.strength for suspect in fresh), default=Strength.STRONG)
    return tuple(suspect for suspect in fresh if suspect.strength is most)


def narrow(suspects: Sequence[Suspect], used: Iterable[Suspect]) -> tuple[Suspect, ...]:
    """Weaken suspects that were not used on the original, if others with the same evidence were.

    One piece of evidence may cover many paths, such as a module's package or a directory.
    """
    exact = frozenset(suspect.path for suspect in used if suspect.strength is Strength.STRONG)
    known = frozenset((suspect.how, suspect.why) for suspect in suspects if suspect.path in exact)
    return tuple(
        (
            replace(suspect, strength=Strength.WEAK)
            if suspect.path not in exact and (suspect.how, suspect.why) in known
            else suspect
        )
        for suspect in suspects
    )


def widen(
    chosen: Sequence[Suspect],
    earlier: Sequence[Sequence[Suspect]],
    removed: Removed,
    inventory: Inventory,
) -> tuple[Suspect, ...]:
    """Return the chosen suspects, and related paths to save attempts.

    `earlier` are the previous attempts, oldest first. If one of them restored files of the same
    directory, the directory's other files of the same package (or of none) are added, without
    subdirectories. If two restored files of the same package, the whole package is added.
    """
    out: dict[ImagePath, Suspect] = {suspect.path: suspect for suspect in chosen}
    for suspect in chosen:
        directory = parent(suspect.path)
        times = sum(any(parent(old.path) == directory for old in attempt) for attempt in earlier)
        if times:
            why = (
                f"beside {suspect.path} in a directory of which files came back in {times + 1}"
                " attempts"
            )
            for path in removed.rootfs.children(directory):
                entry = removed.rootfs.get(path)
                alike = inventory.owners.get(path, ()) == inventory.owners.get(suspect.path, ())
                if (
                    path in removed
                    and path not in out
                    and alike
                    and entry is not None
                    and not entry.is_dir
                ):
                    out[path] = Suspect(path, suspect.how, why)
        for purl in inventory.owners.get(suspect.path, ()):
            times = sum(
                any(purl in inventory.owners.get(old.path, ()) for old in attempt)
                for attempt in earlier
            )
            package = inventory.packages.get(purl)
            if times > 1 and package is not None:
                why = f"of {package.name}, of which files came back in {times + 1} attempts"
                for path in package.files:
                    if path in removed and path not in out:
                        out[path] = Suspect(path, suspect.how, why)
    return tuple(out.values())


def used_but_removed(used: Mapping[ImagePath, str], removed: Removed) -> tuple[Suspect, ...]:
    """Return the removed paths that failing workloads used on the original (path → use)."""
    # Only `--remove` can cause this.
    return tuple(
        Suspect(path, USED, f"{how} on the original")
        for path, how in sorted(used.items())
        if path in removed
    )
