"""Users and groups: names, numbers, homes."""

from collections.abc import Iterator, Mapping

from careen.catalog.accounts import login_shell
from careen.catalog.contract.sides import MAX_TEXT, Pair, row, unknown
from careen.model.catalog.contract import ContractRow
from careen.model.catalog.entry import Variant
from careen.oci.tree.rootfs import Rootfs

_FIELDS = {"/etc/passwd": (2, 3, 5), "/etc/group": (2,)}
_ADDED = {"/etc/passwd": (2, 3, 5, 6), "/etc/group": (2,)}
_SHELL = 6
_OF_SCRIPTS = ("klogd",)
"""Accounts that scripts of Alpine's packages add."""


def accounts(pair: Pair) -> Iterator[ContractRow]:
    """Yield a row for the users, one for the groups, and one for the login shells."""
    for path, item in (("/etc/passwd", "users"), ("/etc/group", "groups")):
        fields = _FIELDS[path]
        theirs, ours = (_table(side.text(path), fields) for side in (pair.upstream, pair.ours))
        missing = sorted(name for name in theirs if ours.get(name) != theirs[name])
        added = sorted(name for name in ours if name not in theirs)
        named, full = _named(pair, path), _table(pair.ours.text(path), _ADDED[path])
        foreign = [name for name in added if full[name] != named.get(name)]
        scripted = [name for name in foreign if pair.upstream.is_musl and name in _OF_SCRIPTS]
        foreign = [name for name in foreign if name not in scripted]
        what = f"each of {len(theirs)} with its number"
        if not theirs:
            yield unknown(item, path, "upstream names none")
        elif missing:
            yield row(item, what, _shown(theirs, missing), _shown(ours, missing))
        else:
            yield row(item, what, "all", "all")
        if scripted:
            reason = "a script of busybox adds it, and Alpine makes its own image without scripts"
            yield row(item, "added by a package", "", _shown(ours, scripted), reason)
        if kept := [name for name in added if name not in (*foreign, *scripted)]:
            reason = "the entry adds it, to run without root"
            yield row(item, "added", "", ", ".join(kept), reason)
        if foreign:
            yield row(item, "added, and not by the catalog", "none", _shown(ours, foreign))
    yield _shells(pair)


def _shells(pair: Pair) -> ContractRow:
    shells = [_table(side.text("/etc/passwd"), (_SHELL,)) for side in (pair.upstream, pair.ours)]
    names = [name for name in shells[0] if name in shells[1]]
    theirs, ours = (", ".join(f"{name}{x[name]}" for name in names) for x in shells)
    return row("users", "login shells", theirs, ours)


def _named(pair: Pair, path: str) -> Mapping[str, str]:
    """Return the accounts that the variant may add, as `_table` does."""
    if pair.variant is Variant.COMPAT:
        return {}
    lines = (
        f"{x.name}:x:{x.uid}:{x.uid}::{x.home}:{login_shell(x)}"
        if path == "/etc/passwd"
        else f"{x.name}:x:{x.uid}:"
        for x in pair.users
    )
    return _table("\n".join(lines), _ADDED[path])


def _table(text: str | None, fields: tuple[int, ...]) -> Mapping[str, str]:
    out: dict[str, str] = {}
    for line in (text or "").split("\n"):
        found = line.split(":")
        if found[0]:  # as the C library, take the first line of a name
            said = "".join(f":{found[number]}" for number in fields if number < len(found))
            out.setdefault(found[0], said)
    return out


def _shown(table: Mapping[str, str], names: list[str]) -> str:
    return ", ".join(f"{name}{table[name]}" if name in table else f"no {name}" for name in names)


def names(rootfs: Rootfs, path: str) -> Mapping[str, str]:
    """Return the numbers of the accounts in a file of an image by their names; empty without it."""
    entry = rootfs.find(path)
    if entry is None or not entry.is_file:
        return {}
    text = rootfs.read(entry.path, MAX_TEXT).decode("utf-8", "replace")
    return {name: rest[1:] for name, rest in _table(text, (2,)).items()}
