"""What one variant of an entry is made of, with all that it inherits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from careen.catalog.entries import Catalog
from careen.errors import InputError
from careen.model.catalog.entry import AddedFile, BaseTest, Entry, Left, Link, User, Variant

FIPS_PACKAGES = ("openssl", "openssl-provider-fips")
"""What `fips` adds to `runtime`: the provider, and the program that shows it."""
FIPS_KEPT = ("/usr/bin/openssl",)


@dataclass(frozen=True, slots=True)
class RecipeStep:
    """One step of a build: its name, the packages that it adds, and the entry behind it.

    `entry` is None for the step of a variant. `pip` are requirements of wheels, `index` is the URL
    of their index ("": that of the user's pip, as always for a variant), `doubt` says why nobody
    has built them. `added` are the paths of the files that entries add, up to this step.
    """

    name: str
    packages: tuple[str, ...]
    entry: Entry | None = None
    pip: tuple[str, ...] = ()
    index: str = ""
    doubt: str = ""
    added: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Recipe:
    """An entry's variant: the steps in their order, and the settings of all entries together.

    `unproven` says why nobody has built it from the vendor's own archive, "" if somebody has;
    `doubt` is what of it is about packages, not about wheels. `upstream` is the image that it is
    cut from, "" for a build from packages.
    """

    entry: Entry
    variant: Variant
    distribution: str
    release: str
    steps: tuple[RecipeStep, ...]
    environment: Mapping[str, str]
    cmd: tuple[str, ...]
    user: str
    tests: tuple[BaseTest, ...]
    unproven: str = ""
    doubt: str = ""
    upstream: str = ""

    @property
    def has_wheels(self) -> bool:
        """Whether an entry has wheels in all its variants."""
        return any(step.pip for step in self.steps if step.entry is not None)


def recipe(catalog: Catalog, entry: Entry, variant: Variant) -> Recipe:
    """Return the recipe of a variant. Raises InputError for one that cannot be built."""
    chain = catalog.chain(entry)
    offered = next((each.variants for each in reversed(chain) if each.variants), ())
    if variant not in offered:
        names = ", ".join(each.value for each in offered)
        msg = f"base {entry.name}: no variant {variant.value}; it has {names}"
        if variant is Variant.FIPS:
            msg += "; `careen harden IMAGE --fips` turns FIPS mode on in an image with OpenSSL"
        raise InputError(msg)
    return Recipe(
        entry=entry,
        variant=variant,
        distribution=_last(chain, "distribution"),
        release=_last(chain, "release"),
        steps=(*_steps(chain, variant), *_variant_steps(chain, variant)),
        environment=_environment(chain, variant),
        cmd=_cmd(chain, variant),
        user=_last(chain, "user") if variant.is_cut else "",
        tests=tuple(_tests(chain, variant)),
        unproven=_last(chain, "unproven"),
        doubt=_last(tuple(each for each in chain if not each.pip), "unproven"),
        upstream=upstream(chain),
    )


def upstream(chain: tuple[Entry, ...]) -> str:
    """Return the image that the last of these entries is cut from, "" for none."""
    return _last(chain, "upstream")


def major_upgrades(chain: tuple[Entry, ...]) -> tuple[str, ...]:
    """Return the packages of upstream that may go to a new major version, of all entries."""
    return tuple(dict.fromkeys(name for each in chain for name in each.major_upgrades))


def _tests(chain: tuple[Entry, ...], variant: Variant) -> Iterator[BaseTest]:
    """Yield the tests of a variant; `fips` passes those of `runtime`."""
    for each in chain:
        for test in each.tests:
            if variant in test.variants or (variant.is_cut and Variant.RUNTIME in test.variants):
                yield test


def _last(chain: tuple[Entry, ...], field: str) -> str:
    return next((value for each in reversed(chain) if (value := getattr(each, field))), "")


def _groups(chain: tuple[Entry, ...]) -> Iterator[tuple[Entry, ...]]:
    """Yield the entries of each image; an abstract one belongs to the next."""
    begin = 0
    for end, each in enumerate(chain, 1):
        if not each.abstract:
            yield chain[begin:end]
            begin = end


def indexes(chain: tuple[Entry, ...]) -> tuple[str, ...]:
    """Return the indexes that entries name for their wheels, each once."""
    found = (_last(own, "pip_index") for own in _groups(chain) if any(x.pip for x in own))
    return tuple(dict.fromkeys(url for url in found if url))


def _steps(chain: tuple[Entry, ...], variant: Variant) -> tuple[RecipeStep, ...]:
    out: list[RecipeStep] = []
    for own in _groups(chain):
        entry = own[-1]
        below = chain[: chain.index(entry) + 1]
        packages = tuple(name for x in own for name in x.packages)
        pip = tuple(name for x in own for name in x.pip)
        # an index is that of the wheels beside it, not of what others add above them
        doubt = _last(tuple(x for x in own if x.pip), "unproven")
        added = frozenset(file.path for file in files(below, variant))
        index = _last(own, "pip_index")
        out.append(RecipeStep(entry.name, packages, entry, pip, index, doubt, added))
    return tuple(out)


def _variant_steps(chain: tuple[Entry, ...], variant: Variant) -> tuple[RecipeStep, ...]:
    packages: tuple[str, ...] = FIPS_PACKAGES if variant is Variant.FIPS else ()
    pip: tuple[str, ...] = ()
    if variant in (Variant.COMPAT, Variant.DEV):
        packages += tuple(name for each in chain for name in each.compat_packages)
        pip = tuple(name for each in chain for name in each.compat_pip)
    if variant is Variant.DEV:
        packages += tuple(name for each in chain for name in each.dev_packages)
    if not packages and not pip:
        return ()
    added = frozenset(file.path for file in files(chain, variant)) if pip else frozenset[str]()
    return (RecipeStep(variant.value, packages, pip=pip, added=added),)


def _environment(chain: tuple[Entry, ...], variant: Variant) -> Mapping[str, str]:
    out: dict[str, str] = {}
    for each in chain:
        out |= each.environment
        if variant in (Variant.COMPAT, Variant.DEV):
            out |= each.build_environment
    return out


def _cmd(chain: tuple[Entry, ...], variant: Variant) -> tuple[str, ...]:
    field = "cmd" if variant.is_cut else "compat_cmd"
    return next((value for each in reversed(chain) if (value := getattr(each, field))), ())


def omitted(chain: tuple[Entry, ...]) -> tuple[Left, ...]:
    """Return the packages that `runtime` leaves out, of all entries."""
    return tuple(left for each in chain for left in each.omitted)


def dropped(chain: tuple[Entry, ...]) -> tuple[Left, ...]:
    """Return the paths that `runtime` leaves out, of all entries."""
    return tuple(left for each in chain for left in each.dropped)


def unowned(chain: tuple[Entry, ...]) -> tuple[str, ...]:
    """Return the globs of paths without a package that `runtime` keeps, of all entries."""
    return tuple(glob for each in chain for glob in each.unowned)


def users(chain: tuple[Entry, ...]) -> tuple[User, ...]:
    """Return the accounts that are added, of all entries."""
    return tuple(user for each in chain for user in each.users)


def directories(chain: tuple[Entry, ...]) -> tuple[str, ...]:
    """Return the directories that are added, of all entries."""
    return tuple(path for each in chain for path in each.directories)


def files(chain: tuple[Entry, ...], variant: Variant) -> tuple[AddedFile, ...]:
    """Return the files that are added to a variant, of all entries."""
    builds = variant in (Variant.COMPAT, Variant.DEV)
    return tuple(file for each in chain for file in each.files if builds or not file.build)


def links(chain: tuple[Entry, ...]) -> tuple[Link, ...]:
    """Return the symbolic links that are added, of all entries."""
    return tuple(link for each in chain for link in each.links)
