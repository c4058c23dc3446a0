"""Whether named packages or programs are in the image."""

import re
from collections.abc import Collection, Iterator

from careen.compliance.check import Check, Decision, manual, none_of
from careen.compliance.subject import Subject
from careen.compliance.tool_names import without_version
from careen.model.compliance.result import Evidence
from careen.model.packages.package import Ecosystem

SYSTEM = frozenset({Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM})


def absent(
    name: str,
    title: str,
    *,
    packages: Collection[str],
    programs: Collection[str],
    fix: str = "Remove the package in the last stage, or copy only what is needed into it.",
) -> Check:
    """Return a check that none of these packages and programs is in the image.

    What the image itself starts is its workload: whether that may be a server is for a person to
    judge.
    """

    def decide(subject: Subject) -> Decision:
        found = (*_packages(subject, packages), *_programs(subject, programs))
        own = workload_of(subject)
        if found and own & frozenset(programs):
            return manual("the image starts this program itself: it is its workload", found)
        return none_of(
            found,
            "{} packages and programs of this kind are in the image",
            f"none is among {system_packages(subject)} packages of the system and"
            f" {len(subject.rootfs)} paths",
        )

    listed = "|".join(map(re.escape, sorted(programs)))
    return Check(
        id=name,
        title=title,
        reads="packages of the system; names of executable files",
        fix=fix,
        command="find . ! -type d -perm /111 -regextype posix-extended -regex"
        f" '.*/([a-z0-9_]+-linux-[a-z]+-)?({listed})([-.][0-9.]+)?'",
        decide=decide,
    )


def system_packages(subject: Subject) -> int:
    """Return the number of packages of the distribution."""
    return sum(each.ecosystem in SYSTEM for each in subject.inventory.packages.values())


def workload_of(subject: Subject) -> frozenset[str]:
    """Return the names of the programs that the image starts."""
    words = (*subject.config.entrypoint[:1], *subject.config.cmd[:1])
    return frozenset(str(word).rpartition("/")[2] for word in words)


def _packages(subject: Subject, names: Collection[str]) -> Iterator[Evidence]:
    for package in subject.inventory.packages.values():
        if package.ecosystem in SYSTEM and (
            package.name in names or without_version(package.name) in names
        ):
            yield Evidence(str(package.record), package.purl)


def _programs(subject: Subject, names: Collection[str]) -> Iterator[Evidence]:
    for name in sorted(names):
        for full in (name, *subject.versioned.get(name, ())):
            for entry in subject.programs.get(full, ()):
                to = f"link to {entry.target}" if entry.is_symlink else "executable file"
                yield Evidence(str(entry.path), to)
