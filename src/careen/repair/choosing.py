"""Which suspects come back in one attempt: the least that the evidence asks for, and more at once
where one by one leads nowhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from careen.model.package import Inventory
from careen.model.paths import ImagePath, parent
from careen.repair.removed import Removed
from careen.repair.suspect import USED, Strength, Suspect, strongest

PATIENCE = 2
"""Attempts that may end in another failure before everything that the failing workload used on the
original comes back at once.
"""


def choose(suspects: Sequence[Suspect], tried: Iterable[ImagePath]) -> tuple[Suspect, ...]:
    """Return the strong suspects that were not tried yet, of all failures together; when there are
    none, the weak ones, and at last the faint ones.
    """
    done = frozenset(tried)
    fresh = tuple(strongest(suspect for suspect in suspects if suspect.path not in done).values())
    most = max((suspect.strength for suspect in fresh), default=Strength.STRONG)
    return tuple(suspect for suspect in fresh if suspect.strength is most)


def narrow(suspects: Sequence[Suspect], used: Iterable[Suspect]) -> tuple[Suspect, ...]:
    """Return the suspects; of a crowd that one piece of evidence stands for (the package of a
    module, what is below a directory) those that were not used on the original become weak, if
    others of the crowd were.
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
    """Return the chosen ones, and what comes back with them because one by one would take an
    attempt for each file.

    `earlier` are the choices of the attempts before this one, oldest first. Of a directory of which
    files were chosen in an earlier attempt, the files of the same package (or of none) come back,
    not what is below it; a package of which files were chosen in two earlier attempts comes back
    whole.
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


def seen_before(used: Mapping[ImagePath, str], removed: Removed) -> tuple[Suspect, ...]:
    """Return what the failing workloads used on the original and the plan removes all the same
    (only `--remove` can ask for that): path → how it was used.
    """
    return tuple(
        Suspect(path, USED, f"{how} on the original")
        for path, how in sorted(used.items())
        if path in removed
    )
