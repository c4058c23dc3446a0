"""Versions and owners: which packages are there twice, and whose files are in the image."""

from collections import defaultdict

from careen.compliance.check import Check, Decision, none_of, not_applicable, not_evaluable
from careen.compliance.checks.files.evidence import shown
from careen.compliance.checks.packages.present import SYSTEM, system_packages
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence
from careen.model.packages.package import Ecosystem, Package, Presence

# Packages of which several versions are installed side by side by design.
_SIDE_BY_SIDE = frozenset({"gpg-pubkey", "kernel", "kernel-core"})


def _superseded(subject: Subject) -> Decision:
    if not system_packages(subject):
        return not_evaluable("the image has no packages of a distribution")
    versions: dict[tuple[Ecosystem, str, str], dict[str, Package]] = defaultdict(dict)
    for each in subject.inventory.packages.values():
        if each.ecosystem in SYSTEM and each.presence is Presence.INSTALLED:
            versions[each.ecosystem, each.name, each.architecture][each.version] = each
    found = (
        Evidence(str(next(iter(there.values())).record), f"{name} {', '.join(sorted(there))}")
        for (_, name, _), there in versions.items()
        if len(there) > 1 and name not in _SIDE_BY_SIDE
    )
    return none_of(
        found,
        "{} packages of the system are installed in several versions",
        f"each of {len(versions)} packages of the system is installed in one version",
    )


def _owned(subject: Subject) -> Decision:
    if not system_packages(subject):
        return not_evaluable("the image has no package database that could name owners")
    programs = [
        entry for entries in subject.programs.values() for entry in entries if not entry.is_symlink
    ]
    if not programs:
        return not_applicable("the image has no executable file")
    unowned = [each for each in programs if each.path not in subject.inventory.owners]
    return none_of(
        (shown(entry) for entry in unowned),
        f"{{}} of {len(programs)} executable files belong to no package",
        f"all {len(programs)} executable files belong to a package",
    )


def _complete(subject: Subject) -> Decision:
    if not subject.inventory.packages:
        return not_evaluable("no packages were found in the image")
    found = (Evidence(str(each.path), each.reason) for each in subject.inventory.unknowns)
    return none_of(
        found,
        "{} files could not be read for the inventory",
        f"all records of {len(subject.inventory.packages)} packages were read",
    )


CHECKS = (
    Check(
        id="one-version-of-each-package",
        title="Each package of the system is installed in one version",
        reads="packages of the system",
        fix="Remove the older version.",
        command="dpkg-query -W -f '${Package}\\n' | sort | uniq -d (rpm -qa --qf, apk info)",
        decide=_superseded,
    ),
    Check(
        id="programs-have-packages",
        title="Executable files belong to packages",
        reads="packages; paths of executable files",
        fix="Install the program from a package; else record its origin (SBOM, digest, signature).",
        command="find . -type f -perm /111 | sed 's/^.//' | xargs dpkg -S",
        decide=_owned,
    ),
    Check(
        id="inventory-complete",
        title="All package records could be read",
        reads="packages of all ecosystems",
        fix="Repair the record that the evidence names.",
        command="careen scan IMAGE --details",
        decide=_complete,
    ),
)
