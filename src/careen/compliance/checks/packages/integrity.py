"""Whether files are as their packages delivered them, and whose files are in the image."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator

from careen.compliance.check import Check, Decision, none_of, not_evaluable
from careen.compliance.checks.files.evidence import shown
from careen.compliance.checks.packages.present import SYSTEM, system_packages
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence
from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem, Package, Presence
from careen.model.paths import ROOT

_SUMS = re.compile(r"^([0-9a-f]{32})  (\S.{0,4094})$")
_LIMIT = 16 << 20  # bytes of one list of digests
_CHUNK = 1 << 20
# Packages of which several versions are installed side by side by design.
_SIDE_BY_SIDE = frozenset({"gpg-pubkey", "kernel", "kernel-core"})


def _unchanged(subject: Subject) -> Decision:
    lists = [
        path
        for package in subject.inventory.packages.values()
        if package.ecosystem is Ecosystem.DEB
        for path in package.metadata
        if path.endswith(".md5sums")
    ]
    if not lists:
        return not_evaluable("no package in the image has a list of its files' digests (dpkg)")
    counted = 0
    found: list[Evidence] = []
    for path in lists:
        for entry, digest in _listed(subject, path):
            counted += 1
            seen = _md5(subject, entry)
            if seen != digest:
                found.append(Evidence(str(entry.path), f"md5 {seen}, its package says {digest}"))
    return none_of(
        found,
        f"{{}} of {counted} files are not as their packages delivered them",
        f"all {counted} files are as their packages delivered them, {len(lists)} packages",
    )


def _listed(subject: Subject, path: str) -> Iterator[tuple[Entry, str]]:
    """Yield the existing files of a list, each with the digest that it states."""
    entry = subject.rootfs.find(path)
    if entry is None:
        return
    text = subject.rootfs.read(entry.path, _LIMIT).decode("utf-8", "surrogateescape")
    for line in text.splitlines():
        match = _SUMS.match(line)
        file = subject.rootfs.walk(match[2], ROOT).final if match else None
        if match and file is not None and file.is_file:
            yield file, match[1]


def _md5(subject: Subject, entry: Entry) -> str:
    # The lists of dpkg have no other digest; they show accidents, not attacks on the list itself.
    hasher = hashlib.md5(usedforsecurity=False)
    with subject.rootfs.open(entry.path) as stream:
        while chunk := stream.read(_CHUNK):
            hasher.update(chunk)
    return hasher.hexdigest()


def _superseded(subject: Subject) -> Decision:
    if not subject.inventory.packages:
        return not_evaluable("no packages were found in the image")
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
        id="package-files-unchanged",
        title="Files of packages are as the packages delivered them",
        reads="dpkg's lists of digests; contents of the listed files",
        fix="Install the package again, or remove the change.",
        command="(cd ROOT; cat var/lib/dpkg/info/*.md5sums | md5sum --quiet -c)",
        decide=_unchanged,
    ),
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
