"""Dependencies between the packages of an image."""

from collections.abc import Mapping

from careen.model.packages.package import Inventory

# Per name: a hundred packages that provide and need one name would make ten thousand edges.
MAX_PROVIDERS = 16


def dependencies_of(inventory: Inventory) -> Mapping[str, tuple[str, ...]]:
    """Map each package to the installed packages that its record requires, as sorted purls.

    Names are looked up within the ecosystem; unknown ones are omitted. All installed alternatives
    (`a|b`) count.
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
