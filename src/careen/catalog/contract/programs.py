"""The loader, libraries and the package database."""

from collections.abc import Iterator, Mapping

from careen.catalog.contract.sides import Pair, Side, not_applicable, row, unknown
from careen.formats.elf.program import ElfInfo, elf_info
from careen.formats.elf.versions import defined_versions
from careen.model.catalog.contract import ContractRow
from careen.model.packages.package import Ecosystem
from careen.model.paths import ImagePath

_LIBRARIES = ("/usr/lib", "/usr/lib64", "/lib")
_CODE = ("/usr/", "/opt/", "/bin/", "/sbin/", "/lib")
_MOST = 8


def loader(pair: Pair) -> Iterator[ContractRow]:
    """Yield a row for the dynamic loader, for each library, and for their symbol versions."""
    (theirs, no_elf), (ours, unread) = (_shared_objects(side) for side in _both(pair))
    if broken := sorted(unread & theirs.keys()):
        yield row("libraries", ", ".join(broken[:_MOST]), "readable", "no readable library")
    elif odd := sorted(name for name in no_elf | unread if name not in ours.keys() - no_elf):
        yield unknown("libraries", ", ".join(odd[:_MOST]), "no readable library in ELF")
    if not theirs:
        yield unknown("libraries", "those of upstream", "it has none where the loader looks")
        return
    interpreters = sorted(name for name in theirs if name.startswith(("ld-", "ld64", "ld.so")))
    for name in interpreters:
        found = "there" if name in ours else "missing"
        yield row("ld.so", name, "there", found)
    older: list[str] = []
    for name in sorted(theirs.keys() & ours.keys()):
        missing = theirs[name] - ours[name]
        older += [f"{name}: {version}" for version in sorted(missing)]
    both = len(theirs.keys() & ours.keys())
    what = f"symbol versions of {both} libraries"
    if pair.upstream.is_musl:
        yield not_applicable("symbol versions", what, "musl's loader knows no symbol versions")
    elif both:
        yield row("symbol versions", what, "all", ", ".join(older[:_MOST]) or "all")
    else:
        yield unknown("symbol versions", what, "the images have no library in common")
    gone = sorted(theirs.keys() - ours.keys())
    reason = "the variant leaves out packages that nothing in it needs" if pair.is_runtime else ""
    listed = ", ".join(gone[:_MOST]) + (f" and {len(gone) - _MOST} more" if gone[_MOST:] else "")
    yield row(
        "libraries", f"{len(theirs)} of upstream", "all", f"no {listed}" if gone else "all", reason
    )


def database(pair: Pair) -> Iterator[ContractRow]:
    """Yield rows for what scanners read: the distribution, the package database, its files."""
    one, two = (
        f"{x.inventory.distribution.id} {x.inventory.distribution.version_id}"
        if x.inventory.distribution
        else "not recognised"
        for x in _both(pair)
    )
    yield row("scanners", "distribution", one, two)
    for key in ("ID", "VERSION_ID", "VERSION_CODENAME"):
        one, two = (_release(side, key) for side in _both(pair))
        yield row("scanners", f"os-release {key}", one, two)
    missing = sum(
        1 for each in pair.ours.inventory.packages.values() if not _has_files(each.files, pair)
    )
    unread = len(pair.ours.inventory.unknowns)
    state = (
        "true" if not missing and not unread else f"{missing} without files, {unread} unreadable"
    )
    before, count = (_listed(side) for side in _both(pair))
    what = f"package database, {count} packages"
    if not before and not count:
        yield unknown("scanners", what, "neither image lists a package")
    else:
        yield row("scanners", what, "true", state if count else "empty")
    yield _unlisted(pair)


def _listed(side: Side) -> int:
    """Return how many packages the database of an image has."""
    return sum(x.ecosystem is not Ecosystem.PYPI for x in side.inventory.packages.values())


def _unlisted(pair: Pair) -> ContractRow:
    """Return the row of programs and libraries that a scanner of packages does not see."""
    listed = {path for x in pair.ours.inventory.packages.values() for path in x.files}
    found = sorted(
        entry.path
        for entry in pair.ours.rootfs
        if entry.is_file
        and entry.path.startswith(_CODE)
        and (entry.is_executable or ".so" in entry.path.rpartition("/")[2])
        and entry.path not in listed
        and entry.path not in pair.upstream.rootfs
    )
    more = f" and {len(found) - _MOST} more" if found[_MOST:] else ""
    said = ", ".join(found[:_MOST]) + more
    return row("scanners", "programs of no package, beside upstream's", "none", said or "none")


def _has_files(files: tuple[ImagePath, ...], pair: Pair) -> bool:
    # a package of documentation or dependencies alone may have no file
    return all(path in pair.ours.rootfs for path in files)


def _both(pair: Pair) -> tuple[Side, Side]:
    return pair.upstream, pair.ours


def _release(side: Side, key: str) -> str:
    lines = (side.text("/etc/os-release") or "").splitlines()
    said = dict(line.split("=", 1) for line in lines if "=" in line)
    return said.get(key, "not stated").strip("\"'")


def _shared_objects(side: Side) -> tuple[Mapping[str, frozenset[str]], set[str]]:
    """Return the libraries that the loader finds by default, by name, with their versions, and the
    names of those that cannot be read.
    """
    out: dict[str, frozenset[str]] = {}
    unread: set[str] = set()
    for path in _where_the_loader_looks(side):
        _add(side, path, out, unread)
    return out, unread


def libraries(side: Side) -> Iterator[ImagePath]:
    """Yield the libraries that the contract compares, and the links to them."""
    for path in _where_the_loader_looks(side):
        walk = side.rootfs.walk(path)
        if _is_library(path) and walk.final is not None and walk.final.is_file:
            yield from (*walk.links, walk.final.path)


def _where_the_loader_looks(side: Side) -> Iterator[ImagePath]:
    for top in _LIBRARIES:
        directory = side.rootfs.find(top)
        if directory is None:
            continue
        for path in side.rootfs.children(directory.path):
            if side.rootfs[path].is_dir and path.rpartition("/")[2].count("-") >= 2:  # noqa: PLR2004 — a triplet
                yield from side.rootfs.children(path)
            else:
                yield path


def _is_library(path: ImagePath) -> bool:
    name = path.rpartition("/")[2]
    return ".so." in name or name.startswith("ld-")


def _add(side: Side, path: ImagePath, out: dict[str, frozenset[str]], unread: set[str]) -> None:
    name = path.rpartition("/")[2]
    if not _is_library(path):
        return
    entry = side.rootfs.find(path)
    if entry is None or not entry.is_file:
        return
    with side.rootfs.open(entry.path) as stream:
        info = elf_info(stream)
        if isinstance(info, ElfInfo) and (info.soname == name or name.startswith("ld-")):
            out[name] = defined_versions(stream, info)
        elif not isinstance(info, ElfInfo):
            unread.add(name)
