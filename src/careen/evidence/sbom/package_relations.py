"""Which packages of an image depend on which others."""

from collections.abc import Mapping

from careen.model.package import Inventory

# of one name: a hundred packages that provide one name and need it would make ten thousand edges
MAX_PROVIDERS = 16


def dependencies_of(inventory: Inventory) -> Mapping[str, tuple[str, ...]]:
    """Map each package, by purl, in order, to the installed ones that its record names as needed;
    names that nobody provides are left out.

    A name is looked up within the ecosystem. Of alternatives (`a|b`) all that are installed count.
    """
    providers: dict[tuple[str, str], list[str]] = {}
    for purl in sorted(inventory.packages):
        package = inventory.packages[purl]
        for name in dict.fromkeys((package.name, *package.provides)):
            found = providers.setdefault((package.ecosystem.value, name), [])
            if len(found) < MAX_PROVIDERS:
                found.append(purl)
    out: dict[str, tuple[str, ...]] = {}
    for purl in sorted(inventory.packages):
        package = inventory.packages[purl]
        names = (name for group in package.depends for name in group.split("|"))
        needed = {
            other for name in names for other in providers.get((package.ecosystem.value, name), ())
        }
        out[purl] = tuple(sorted(needed - {purl}))
    return out
