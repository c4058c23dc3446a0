"""Kept ELF files that lose their symbol tables and debug sections.

All do, except files that are signed or have a recorded checksum. If a kept program reads symbols,
none do.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

from careen.formats.elf.symbols import StrippedElf, UnchangedElf
from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem, Inventory
from careen.model.paths import ImagePath, join, name, parent
from careen.model.plan import Symbols
from careen.oci.tree.rootfs import Rootfs
from careen.plan.core.globs import PathIndex

Look = Callable[[ImagePath], StrippedElf | UnchangedElf | None]

READERS = frozenset(
    {
        "gdb",
        "gdbserver",
        "lldb",
        "lldb-server",
        "perf",
        "valgrind",
        "ltrace",
        "bpftrace",
        "uftrace",
        "py-spy",
        "austin",
        "rr",
        "systemtap",
        "stap",
    }
)
_SIGNATURES = frozenset({"security.ima", "security.evm"})
_SUMS = (".{}.hmac", "{}.hmac", "fipscheck/{}.hmac", "hmaccalc/{}.hmac")
_FIPS_MODULES = frozenset({"fips.so"})
_RECORDED = {Ecosystem.RPM: "rpm", Ecosystem.CONDA: "conda"}


def symbols_of(
    rootfs: Rootfs,
    inventory: Inventory,
    keep: Collection[ImagePath],
    globs: Iterable[str],
    look: Look,
) -> Symbols:
    """Return what becomes of the symbols of the files in `keep`.

    Files that the user's `globs` name stay as they are. `look` returns a file without symbols, or
    why it is left alone; None if it has no symbols.
    """
    named = _named(rootfs, globs)
    reader = _reader(rootfs, keep)
    links: dict[int, list[ImagePath]] = {}
    for path in keep:
        entry = rootfs[path]
        if entry.is_file:
            links.setdefault(entry.inode, []).append(path)
    dropped: dict[ImagePath, int] = {}
    left: dict[ImagePath, str] = {}
    for names in links.values():
        found = look(names[0])
        if found is None:
            continue
        reasons = (_reason(rootfs, inventory, rootfs[path], named) for path in names)
        reason = (
            found.reason
            if isinstance(found, UnchangedElf)
            else reader or next((each for each in reasons if each), "")
        )
        for path in names:
            if isinstance(found, StrippedElf) and not reason:
                dropped[path] = found.saved
            else:
                left[path] = reason
    return Symbols(dict(sorted(dropped.items())), dict(sorted(left.items())))


def _named(rootfs: Rootfs, globs: Iterable[str]) -> Mapping[ImagePath, str]:
    globs = tuple(globs)
    if not globs:
        return {}
    index = PathIndex(rootfs)
    out: dict[ImagePath, str] = {}
    for glob in globs:
        for path in index.match(glob):
            out.setdefault(path, glob)
            if rootfs[path].is_dir:
                for below in rootfs.below(path):
                    out.setdefault(below.path, glob)
    return out


def _reader(rootfs: Rootfs, keep: Iterable[ImagePath]) -> str:
    found = min(
        (
            path
            for path in keep
            if name(path) in READERS and rootfs[path].is_file and rootfs[path].is_executable
        ),
        default=None,
    )
    return "" if found is None else f"{found} stays, and reads symbol tables"


def _reason(
    rootfs: Rootfs, inventory: Inventory, entry: Entry, named: Mapping[ImagePath, str]
) -> str:
    """Return why a file must not change, "" if it may."""
    path = entry.path
    if path in named:
        return f"--keep {named[path]}"
    if not _SIGNATURES.isdisjoint(entry.xattrs):
        return "it is signed (an extended attribute)"
    base, folder = name(path), parent(path)
    if base in _FIPS_MODULES or any(join(folder, sums.format(base)) in rootfs for sums in _SUMS):
        return "a checksum of it is verified when it is loaded"
    if base.endswith(".so") and join(folder, base.removesuffix(".so") + ".chk") in rootfs:
        return "a checksum of it is verified when it is loaded"
    for purl in inventory.owners.get(path, ()):
        package = inventory.packages.get(purl)
        if package is not None and package.ecosystem in _RECORDED:
            return (
                f"{_RECORDED[package.ecosystem]}'s record has a checksum of it that careen does not"
                " renew"
            )
    return ""
