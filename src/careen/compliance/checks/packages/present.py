"""Whether named packages or programs are in the image."""

import re
from collections.abc import Collection, Iterator

from careen.compliance.check import Check, Decision, manual, none_of
from careen.compliance.started import started_by
from careen.compliance.subject import Subject
from careen.compliance.tool_names import without_version
from careen.model.compliance.result import Evidence
from careen.model.entry import Entry
from careen.model.packages.package import Ecosystem, Package
from careen.model.paths import ImagePath

SYSTEM = frozenset({Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM})


def absent(
    name: str,
    title: str,
    *,
    packages: Collection[str],
    programs: Collection[str],
    may_be_workload: bool = True,
    fix: str = "Remove the package in the last stage, or copy only what is needed into it.",
) -> Check:
    """Return a check that none of these packages and programs is in the image.

    If the image has nothing of them but the program that it starts, that is its workload: whether
    it may be is for a person to judge, unless it never `may_be_workload`.
    """

    def decide(subject: Subject) -> Decision:
        started = started_by(subject) if may_be_workload else ()
        name = next((each for each in started if each in programs), "")
        own = _own(subject, name) if name else frozenset()
        found = (*_packages(subject, packages), *_programs(subject, programs))
        others = tuple(evidence for what, evidence in found if what not in own)
        if found and not others:
            listed = (evidence for _, evidence in found)
            by = f", by {started[0]}" if started[0] != name else ""
            return manual(f"the image starts {name} itself{by}: it is its workload", listed)
        return none_of(
            others,
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


def _own(subject: Subject, started: str) -> frozenset[str]:
    """Return the files of the started program, and the purls of its package and its source's."""
    paths = frozenset(_file(subject, entry) for entry in subject.programs.get(started, ()))
    listed = subject.inventory.packages.values()
    holders = [each for each in listed if not paths.isdisjoint(each.files)]
    sources = {_source(each) for each in holders}
    return frozenset(
        (*paths, *(each.purl for each in listed if holders and _source(each) in sources))
    )


def _file(subject: Subject, entry: Entry) -> ImagePath:
    """Return the path of the file that a program's name leads to: sh may be dash."""
    final = subject.rootfs.walk(entry.path).final if entry.is_symlink else None
    return entry.path if final is None else final.path


def _source(package: Package) -> str:
    return package.source.partition("@")[0] or package.name


def _packages(subject: Subject, names: Collection[str]) -> Iterator[tuple[str, Evidence]]:
    for package in subject.inventory.packages.values():
        if package.ecosystem in SYSTEM and (
            package.name in names or without_version(package.name) in names
        ):
            yield package.purl, Evidence(str(package.record), package.purl)


def _programs(subject: Subject, names: Collection[str]) -> Iterator[tuple[str, Evidence]]:
    for name in sorted(names):
        for full in (name, *subject.versioned.get(name, ())):
            for entry in subject.programs.get(full, ()):
                to = f"link to {entry.target}" if entry.is_symlink else "executable file"
                yield _file(subject, entry), Evidence(str(entry.path), to)
