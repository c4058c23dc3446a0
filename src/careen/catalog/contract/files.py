"""Paths and permissions: the directories and links that programs expect, with mode and owner."""

from collections.abc import Iterator, Sequence

from careen.catalog.contract.rights import changes_user, has_rights, rights
from careen.catalog.contract.sides import Pair, Side, lost, row, unknown
from careen.model.catalog.contract import ContractRow
from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath

EXPECTED = (
    *(
        "/bin",
        "/boot",
        "/dev",
        "/etc",
        "/home",
        "/lib",
        "/lib64",
        "/media",
        "/mnt",
        "/opt",
        "/proc",
    ),
    *("/root", "/run", "/sbin", "/srv", "/sys", "/usr/bin", "/usr/lib", "/usr/local/bin"),
    *("/usr/local/lib", "/usr/sbin", "/usr/share", "/var/cache", "/var/lib", "/var/log"),
    "/var/run",
    *("/tmp", "/var/tmp"),  # noqa: S108 — names in an image
)
_MOST = 12


def paths(pair: Pair) -> Iterator[ContractRow]:
    """Yield one row for the standard directories and links, with one for each that is not there."""
    there = [path for path in EXPECTED if ImagePath(path) in pair.upstream.rootfs]
    wrong = [path for path in there if _seen(pair.upstream, path) != _seen(pair.ours, path)]
    if not wrong:
        yield row("paths", f"{len(there)} standard directories and links", "all", "all")
    for path in wrong:
        yield row("paths", path, _seen(pair.upstream, path), _seen(pair.ours, path))


def permissions(pair: Pair) -> Iterator[ContractRow]:
    """Yield one row for mode and owner of all paths that both images have.

    A file that a newer version of its package ships executable is named, and breaks nothing.
    """
    wrong: list[tuple[str, str, str]] = []
    shipped: list[tuple[str, str, str, str]] = []
    compared = 0
    for entry in pair.ours.rootfs:
        theirs = pair.upstream.rootfs.get(entry.path)
        if theirs is None or theirs.is_symlink or entry.is_symlink:
            continue
        compared += 1
        one, two = (f"{x.mode:04o} {x.uid}:{x.gid}" for x in (theirs, entry))
        if one == two:
            continue
        reason = _shipped(pair, entry.path) if _only_starts(theirs, entry) else ""
        if reason:
            shipped.append((entry.path, one, two, reason))
        else:
            wrong.append((entry.path, one, two))
    if not compared:
        yield unknown("permissions", "paths of both", "there is none, links aside")
    elif not wrong:
        alike = compared - len(shipped)
        yield row("permissions", f"{alike:,} paths of both", "all", "all")
    for path, one, two, reason in shipped[:_MOST]:
        yield row("permissions", path, one, two, reason)
    if len(shipped) > _MOST:
        more, reason = len(shipped) - _MOST, "newer versions of their packages ship them so"
        yield row("permissions", f"{more} more paths", "as upstream", "executable", reason)
    for path, one, two in wrong[:_MOST]:
        yield row("permissions", path, one, two)
    if len(wrong) > _MOST:
        yield row("permissions", f"{len(wrong) - _MOST} more paths", "as upstream", "differ")
    counts = changes_user if pair.is_runtime else has_rights
    one, two = (
        _listed(sorted(rights(x) for x in side.rootfs if counts(x))) for side in _both(pair)
    )
    what = "setuid and setgid files, and files with capabilities"
    if pair.is_runtime:
        reason = "the variant has no programs that change the user"
        yield lost("permissions", what, one, two, reason)
    else:
        yield row("permissions", what, one, two)


def _only_starts(theirs: Entry, ours: Entry) -> bool:
    """Return whether a file differs in nothing but that more may start it."""
    same_owner = (theirs.uid, theirs.gid) == (ours.uid, ours.gid)
    added = ours.mode & ~theirs.mode
    return ours.is_file and same_owner and added | theirs.mode == ours.mode and not added & ~0o111


def _shipped(pair: Pair, path: ImagePath) -> str:
    """Return the package that owns a file on both sides, if its version differs; else ""."""
    theirs, ours = (_owners(side, path) for side in _both(pair))
    return next(
        (
            f"{key[1]} {version} ships it so, upstream has {theirs[key]}"
            for key, version in ours.items()
            if key in theirs and theirs[key] != version
        ),
        "",
    )


def _owners(side: Side, path: ImagePath) -> dict[tuple[Ecosystem, str], str]:
    packages = side.inventory.packages
    found = (packages[purl] for purl in side.inventory.owners.get(path, ()) if purl in packages)
    return {(each.ecosystem, each.name): each.version for each in found}


def _both(pair: Pair) -> tuple[Side, Side]:
    return pair.upstream, pair.ours


def _listed(found: Sequence[str]) -> str:
    return ", ".join(found) or "missing"


def _seen(side: Side, path: str) -> str:
    entry = side.rootfs.get(ImagePath(path))
    if entry is None:
        return "missing"
    kind = entry.kind.value
    return f"{kind} to {entry.target}" if entry.is_symlink else f"{kind} {entry.mode:04o}"
