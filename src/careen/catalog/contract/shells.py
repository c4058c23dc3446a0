"""Shells and package managers: where an image has them, by the names of its programs."""

from collections.abc import Collection, Iterator

from careen.catalog.contract.sides import Pair, Side, lost, row
from careen.model.catalog.contract import ContractRow
from careen.model.measure import SHELLS
from careen.model.paths import ImagePath
from careen.oci.tree.rootfs import Rootfs

_MANAGERS = frozenset({"apk", "apt", "apt-get", "dnf", "dnf5", "dpkg", "microdnf", "rpm", "yum"})


def shell(pair: Pair) -> Iterator[ContractRow]:
    """Yield a row for /bin/sh, one for each other shell of a runtime, and one for each program of
    a package manager.
    """
    yield _program(pair, "shell", "/bin/sh")
    if pair.is_runtime:
        walk = pair.ours.rootfs.walk("/bin/sh")
        said = {*walk.links, *(() if walk.final is None else (walk.final.path,))}
        for path in sorted(shells(pair.ours.rootfs) - said):
            yield _program(pair, "shell", path)
    for path in sorted(managers(pair.upstream.rootfs) | managers(pair.ours.rootfs)):
        yield _program(pair, "package manager", path)


def is_shell(word: str) -> bool:
    """Say whether a program, by its name or path, is a shell."""
    return word.rpartition("/")[2] in SHELLS


def shells(rootfs: Rootfs) -> set[ImagePath]:
    """Return the executables, and links to one, that have a shell's name, wherever they are."""
    return _named(rootfs, SHELLS)


def managers(rootfs: Rootfs) -> set[ImagePath]:
    """Return the programs of package managers, and links to one, in each bin and sbin."""
    # elsewhere such a name may be that of a hook or a completion
    return {
        path
        for path in _named(rootfs, _MANAGERS)
        if path.rpartition("/")[0].endswith(("/bin", "/sbin"))
    }


def _named(rootfs: Rootfs, names: Collection[str]) -> set[ImagePath]:
    return {
        entry.path
        for entry in rootfs
        if entry.path.rpartition("/")[2] in names
        and not entry.is_dir
        and (final := rootfs.walk(entry.path).final) is not None
        and final.is_executable
    }


def _program(pair: Pair, item: str, path: str) -> ContractRow:
    theirs, ours = (_leads(side, path) for side in (pair.upstream, pair.ours))
    if pair.is_runtime:
        return lost(item, path, theirs, ours, f"the variant has no {item}")
    return row(item, path, theirs, ours)


def _leads(side: Side, path: str) -> str:
    entry = side.rootfs.find(path)
    return entry.path if entry is not None and entry.is_executable else "missing"
