"""Implementations that a path or a package of the inventory shows."""

from collections.abc import Iterator, Mapping

from careen.cryptography.seen_modules import Found
from careen.cryptography.signatures import signatures
from careen.model.packages.package import Ecosystem, Inventory, Package
from careen.model.paths import ImagePath


def named_by_path(path: ImagePath, *, is_elf: bool) -> Found | None:
    """Return the implementation that a path shows, or None."""
    for each in signatures().paths:
        if each.text != is_elf and each.is_at(path):
            return Found(each.kind, each.name, each.purpose, path, "", f"the path {path}")
    return None


def of_packages(inventory: Inventory) -> Iterator[Found]:
    """Yield the implementations that packages of languages are."""
    known = {purl: each for each in signatures().packages for purl in each.purls}
    for package in inventory.packages.values():
        found = known.get(f"{package.ecosystem.value}:{_name(package)}")
        if found is not None:
            yield Found(
                found.kind,
                found.name,
                found.purpose,
                package.record,
                package.version,
                f"package {package.purl}",
                owners=(package.purl,),
            )


def listed_crates(inventory: Inventory) -> Mapping[ImagePath, Mapping[tuple[str, str], str]]:
    """Return the crates with cryptography that cargo auditable lists, by program."""
    found: dict[ImagePath, dict[tuple[str, str], str]] = {}
    for package in inventory.packages.values():
        if package.ecosystem is Ecosystem.CARGO and package.name in signatures().crates:
            for path in package.files:
                key = (package.name, package.version)
                found.setdefault(path, {})[key] = package.evidence
    return found


def _name(package: Package) -> str:
    """Return the name as `purls` has it: a jar by its artifact alone."""
    if package.ecosystem is Ecosystem.MAVEN:
        return package.name.rpartition(":")[2].rpartition("/")[2]
    return package.name
