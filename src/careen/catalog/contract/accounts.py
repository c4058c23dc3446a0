"""Users and groups: names, numbers, homes."""

from collections.abc import Iterator, Mapping

from careen.catalog.contract.sides import MAX_TEXT, Pair, row
from careen.model.catalog.contract import ContractRow
from careen.oci.tree.rootfs import Rootfs

_FIELDS = {"/etc/passwd": (2, 3, 5), "/etc/group": (2,)}
_SHELL = 6


def accounts(pair: Pair) -> Iterator[ContractRow]:
    """Yield a row for the users, one for the groups, and one for the login shells."""
    for path, item in (("/etc/passwd", "users"), ("/etc/group", "groups")):
        fields = _FIELDS[path]
        theirs, ours = (_table(side.text(path), fields) for side in (pair.upstream, pair.ours))
        missing = sorted(name for name in theirs if ours.get(name) != theirs[name])
        added = sorted(name for name in ours if name not in theirs)
        what = f"each of {len(theirs)} with its number"
        if missing:
            yield row(item, what, _shown(theirs, missing), _shown(ours, missing))
        else:
            yield row(item, what, "all", "all")
        if added:
            reason = "the entry adds it, to run without root"
            yield row(item, "added", "", ", ".join(added), reason)
    yield _shells(pair)


def _shells(pair: Pair) -> ContractRow:
    shells = [_table(side.text("/etc/passwd"), (_SHELL,)) for side in (pair.upstream, pair.ours)]
    names = [name for name in shells[0] if name in shells[1]]
    theirs, ours = (", ".join(f"{name}{x[name]}" for name in names) for x in shells)
    return row("users", "login shells", theirs, ours)


def _table(text: str | None, fields: tuple[int, ...]) -> Mapping[str, str]:
    rows = (line.split(":") for line in (text or "").splitlines())
    return {
        found[0]: "".join(f":{found[number]}" for number in fields if number < len(found))
        for found in rows
        if found[0]
    }


def _shown(table: Mapping[str, str], names: list[str]) -> str:
    return ", ".join(f"{name}{table[name]}" if name in table else f"no {name}" for name in names)


def names(rootfs: Rootfs, path: str) -> Mapping[str, str]:
    """Return the numbers of the accounts in a file of an image by their names; empty without it."""
    entry = rootfs.find(path)
    if entry is None or not entry.is_file:
        return {}
    text = rootfs.read(entry.path, MAX_TEXT).decode("utf-8", "replace")
    return {name: rest[1:] for name, rest in _table(text, (2,)).items()}
