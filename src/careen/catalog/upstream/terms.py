"""What the contract demands of an upstream image, and what a variant forbids, path by path."""

from collections.abc import Collection, Iterable, Iterator

from careen.catalog import recipe as recipes
from careen.catalog.contract.data import CONTRACT_FILES
from careen.catalog.contract.files import EXPECTED
from careen.catalog.contract.programs import libraries
from careen.catalog.contract.rights import changes_user, has_rights
from careen.catalog.contract.shells import managers, shells
from careen.catalog.contract.sides import Side
from careen.catalog.families import family_of
from careen.catalog.globs import matches
from careen.catalog.port import Family
from careen.catalog.recipe import Recipe
from careen.catalog.runtime.closure import runtime_packages
from careen.catalog.runtime.paths import Selection, runtime_paths, stays
from careen.model.catalog.entry import Entry
from careen.model.catalog.terms import Terms
from careen.model.paths import ImagePath

_USUAL = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/")
_DATABASES = (
    "/var/lib/dpkg/",
    "/lib/apk/db/",
    "/usr/lib/apk/db/",
    "/var/lib/rpm/",
    "/usr/lib/sysimage/rpm/",
)


def terms_of(
    upstream: Side,
    wanted: Recipe,
    chain: tuple[Entry, ...],
    wheels: Collection[ImagePath] = (),
) -> Terms:
    """Return the terms of a variant of these entries on an upstream image.

    `wheels` are the paths that the entries' own wheels brought.
    """
    cut = wanted.variant.is_cut
    keep = dict(_demanded(upstream, cut=cut))
    names = [name for step in wanted.steps for name in step.packages]
    family = family_of(wanted.distribution)
    for path in _of_packages(upstream, names, chain, family, cut=cut):
        keep.setdefault(path, "the entry names its package, or keeps the path")
    if not cut:
        for path in _essential(upstream, family):
            keep.setdefault(path, "an essential package, which others need without naming it")
    keep |= dict.fromkeys(wheels, "the entry names its wheel")
    remove: dict[ImagePath, str] = {}
    if cut:
        remove = dict(_dropped(upstream, chain, frozenset(wheels)))
        remove |= dict(_forbidden(upstream, names, chain, family))
    for path in remove.keys() & keep.keys():
        # `runtime` has no shell, whatever else asks for one
        del keep[path]
    # a package manager refuses to work where what is listed lacks what it depends on
    return Terms(keep, remove, whole=not cut)


def _demanded(upstream: Side, *, cut: bool) -> Iterator[tuple[ImagePath, str]]:
    """Yield the files by which the items of the contract are compared."""
    rootfs = upstream.rootfs
    for path in map(ImagePath, EXPECTED):
        if path in rootfs:  # the directory or link itself, not what is below it
            yield path, "the contract compares it: paths"
    for item, tops in CONTRACT_FILES.items():
        for top in tops:
            walk = rootfs.walk(top)
            for link in walk.links:
                yield link, f"the contract compares it: {item}"
            if walk.final is None:
                continue
            for path in _below(upstream, walk.final.path):
                yield path, f"the contract compares it: {item}"
    if cut:
        return
    for path in libraries(upstream):
        yield path, "the contract compares it: libraries"
    for program in sorted({"/bin/sh"} | shells(rootfs) | managers(rootfs)):
        walk = rootfs.walk(program)
        for path in (*walk.links, *(() if walk.final is None else (walk.final.path,))):
            yield path, "the contract compares it: shell, package manager"
    for entry in rootfs:
        if has_rights(entry):
            yield entry.path, "the contract compares it: setuid and setgid files, capabilities"


def _below(upstream: Side, top: ImagePath) -> Iterator[ImagePath]:
    if not upstream.rootfs[top].is_dir:
        yield top
        return
    for entry in upstream.rootfs:
        if entry.path.startswith(f"{top}/") and not entry.is_dir:
            yield entry.path


def _of_packages(
    upstream: Side,
    names: Iterable[str],
    chain: tuple[Entry, ...],
    family: Family,
    *,
    cut: bool,
) -> Iterator[ImagePath]:
    """Yield what a build from packages would keep, as far as upstream has it."""
    inventory = upstream.inventory
    there = {x.name for x in inventory.packages.values() if x.ecosystem is family.ecosystem}
    omitted = recipes.omitted(chain) if cut else ()
    dropped = recipes.dropped(chain) if cut else ()
    named = [name for name in names if name in there]
    packages = runtime_packages(inventory, named, omitted, family.ecosystem)
    chosen = Selection(packages, recipes.unowned(chain), dropped, family.records)
    for path in runtime_paths(upstream.rootfs, inventory, chosen):
        if path in upstream.rootfs and not upstream.rootfs[path].is_dir:
            yield path


def _essential(upstream: Side, family: Family) -> Iterator[ImagePath]:
    """Yield the files of essential packages: a package manager takes them for there."""
    for package in upstream.inventory.packages.values():
        if package.essential and package.ecosystem is family.ecosystem:
            yield from (
                x for x in package.files if (found := upstream.rootfs.get(x)) and not found.is_dir
            )


def _forbidden(
    upstream: Side, names: Iterable[str], chain: tuple[Entry, ...], family: Family
) -> Iterator[tuple[ImagePath, str]]:
    """Yield what the variant has not: shells, package managers, setuid files, omitted packages."""
    rootfs, inventory = upstream.rootfs, upstream.inventory
    reasons: dict[str, str] = {
        name: left.reason for left in recipes.omitted(chain) for name in left.names
    }
    named = {"/bin/sh"} | shells(rootfs) | managers(rootfs)
    programs = {path for each in named for path in _way(upstream, each)}
    # one that an application brings in its own place goes alone
    usual = {path for path in programs if path.startswith(_USUAL)}
    kept = set(names)
    for package in inventory.packages.values():
        if package.ecosystem is not family.ecosystem or package.name in kept:
            continue
        reason = reasons.get(package.name)
        if reason is None and usual.intersection(package.files):
            reason = "the variant has no shell and no package manager"
        if reason is not None:
            yield from ((path, reason) for path in package.files if not _is_record(path))
    for path in programs:
        yield path, "the variant has no shell and no package manager"
    for entry in rootfs:
        if changes_user(entry):
            yield entry.path, "the variant has no programs that change the user"


def _dropped(
    upstream: Side, chain: tuple[Entry, ...], wheels: Collection[ImagePath]
) -> Iterator[tuple[ImagePath, str]]:
    """Yield what the entries drop, as a build from packages leaves it out; wheels are whole."""
    for left in recipes.dropped(chain):
        for entry in upstream.rootfs:
            path = entry.path
            if entry.is_dir or path in wheels or not matches(left.names, path):
                continue
            if not stays(upstream.rootfs, path):
                yield path, left.reason


def _is_record(path: ImagePath) -> bool:
    return path.startswith(_DATABASES)


def _way(upstream: Side, program: str) -> Iterator[ImagePath]:
    """Yield a program's file and the links that lead to it; links of directories are no program."""
    walk = upstream.rootfs.walk(program)
    if walk.final is None or walk.final.is_dir:
        return
    yield walk.final.path
    for link in walk.links:
        target = upstream.rootfs.walk(link).final
        if target is not None and not target.is_dir:
            yield link
