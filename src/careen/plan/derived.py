"""Plan for a platform that was not run: without the packages that its other platforms do without.

Nothing else goes. What a kept program is linked with stays, whatever package it is of.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from careen.model.image import ImageConfig
from careen.model.packages.package import Ecosystem, Inventory, Package, Presence
from careen.model.plan import Basis, Level, Outcome, Plan, Reason
from careen.model.rbom import ImageRef, RuntimeBom
from careen.oci.tree.rootfs import Rootfs
from careen.plan.core.dependencies import alternatives, providers
from careen.plan.core.keeping import Keeping
from careen.plan.core.mechanism import Work, grow
from careen.plan.core.opened import Opened
from careen.plan.core.policy import Policy
from careen.plan.core.rules import RuleSet
from careen.plan.core.scene import Scene
from careen.plan.mechanisms.by_rule.conditions import Conditions
from careen.plan.mechanisms.files.links import Links
from careen.plan.mechanisms.files.programs import Programs
from careen.plan.packages import package_plans, prune_directories, settle_records

Key = tuple[Ecosystem, str]


@dataclass(frozen=True, slots=True)
class RunPlatform:
    """A platform that was run: its name, its packages, and its plan."""

    platform: str
    inventory: Inventory
    plan: Plan


def derive(
    rootfs: Rootfs,
    inventory: Inventory,
    config: ImageConfig,
    image: ImageRef,
    ran: tuple[RunPlatform, ...],
) -> Plan:
    """Return the plan of a platform that did not run, from one or more that did.

    A package goes if each platform that ran and has it removed it whole, and nothing that stays
    here depends on it where it does not there. Files of no installed package stay.
    """
    gone = _gone(inventory, ran)
    scene = Scene(
        rootfs,
        inventory,
        RuntimeBom(image, (), (), (), {}, (), {}),
        config,
        Policy(Level.PACKAGE, (), (), RuleSet(()), ran[0].plan.rbom_sha256),
    )
    keeping = Keeping(rootfs)
    opened = Opened(())
    work = Work(scene, keeping, Conditions(scene, (), opened), opened=opened)
    names = ", ".join(each.platform for each in ran)
    stays = Reason("not-derived", f"not of a package that is removed on {names}")
    goes = {
        path
        for package in gone.values()
        for path in (*package.files, *package.metadata, *package.licences)
    }
    installed = {
        purl
        for purl, package in inventory.packages.items()
        if package.presence is Presence.INSTALLED
    }
    for entry in rootfs:
        owners = installed.intersection(inventory.owners.get(entry.path, ()))
        if entry.path not in goes or not owners <= gone.keys():
            keeping.add(entry.path, stays)
    grow(work, (Links(work), Programs(work)))
    settled = settle_records(scene, keeping)
    prune_directories(keeping)
    keep = {path: keeping.reasons[path] for path in sorted(keeping.reasons)}
    leaves = Reason("package-derived", f"its package is removed on {names}")
    return Plan(
        image,
        Level.PACKAGE,
        keep,
        {entry.path: leaves for entry in rootfs if entry.path not in keep},
        package_plans(scene, keep, settled.gone),
        ran[0].plan.rbom_sha256,
        (f"{image.platform} was not run: packages that are removed on {names} are removed",),
        basis=Basis.DERIVED,
    )


def _gone(inventory: Inventory, ran: Iterable[RunPlatform]) -> dict[str, Package]:
    """Return the packages that go here, by purl."""
    removed: set[Key] = set()
    held: set[Key] = set()
    depends: dict[Key, set[tuple[str, ...]]] = {}
    for each in ran:
        for purl, package in each.inventory.packages.items():
            found = each.plan.packages.get(purl)
            whole = found is not None and found.outcome is Outcome.REMOVED
            (removed if whole else held).add(_key(package))
            if not whole:  # one that was removed there proves nothing about what it needs
                depends.setdefault(_key(package), set()).update(map(alternatives, package.depends))
    gone = {
        purl: package
        for purl, package in inventory.packages.items()
        if package.presence is Presence.INSTALLED and _key(package) in removed - held
    }
    _spare_new_dependencies(inventory, gone, depends)
    return gone


def _spare_new_dependencies(
    inventory: Inventory, gone: dict[str, Package], known: Mapping[Key, set[tuple[str, ...]]]
) -> None:
    """Take out of `gone` what a package that stays depends on here and not on a run platform."""
    names = providers(inventory)
    todo = [package for purl, package in inventory.packages.items() if purl not in gone]
    while todo:
        package = todo.pop()
        for group in set(map(alternatives, package.depends)) - known.get(_key(package), set()):
            candidates = [
                found for name in group for found in names.get((package.ecosystem, name), ())
            ]
            if candidates and all(found.purl in gone for found in candidates):
                todo.append(gone.pop(candidates[0].purl))


def _key(package: Package) -> Key:
    return package.ecosystem, package.name
