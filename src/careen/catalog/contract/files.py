"""Paths and permissions: the directories and links that programs expect, with mode and owner."""

from collections.abc import Iterator, Sequence

from careen.catalog.contract.rights import changes_user, has_rights, rights
from careen.catalog.contract.sides import Pair, Side, lost, row, unknown
from careen.model.catalog.contract import ContractRow
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
    """Yield one row for mode and owner of all paths that both images have."""
    wrong: list[tuple[str, str, str]] = []
    compared = 0
    for entry in pair.ours.rootfs:
        theirs = pair.upstream.rootfs.get(entry.path)
        if theirs is None or theirs.is_symlink or entry.is_symlink:
            continue
        compared += 1
        one, two = (f"{x.mode:04o} {x.uid}:{x.gid}" for x in (theirs, entry))
        if one != two:
            wrong.append((entry.path, one, two))
    if not compared:
        yield unknown("permissions", "paths of both", "there is none, links aside")
    elif not wrong:
        yield row("permissions", f"{compared:,} paths of both", "all", "all")
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
