"""Whether named packages or programs are in the image."""

from collections.abc import Collection, Iterator

from careen.compliance.check import Check, Decision, none_of
from careen.compliance.subject import Subject
from careen.model.compliance.result import Evidence
from careen.model.packages.package import Ecosystem
from careen.model.paths import name as last

SYSTEM = frozenset({Ecosystem.DEB, Ecosystem.APK, Ecosystem.RPM})
_PLACES = ("/bin/", "/sbin/", "/libexec/", "/lib/", "/opt/")  # of programs, anywhere below


def absent(
    name: str, title: str, *, packages: Collection[str], programs: Collection[str], fix: str
) -> Check:
    """Return a check that none of these packages and programs is in the image."""
    listed = " -o ".join(f"-name {program}" for program in sorted(programs))

    def decide(subject: Subject) -> Decision:
        found = (*_packages(subject, packages), *_programs(subject, programs))
        systems = sum(each.ecosystem in SYSTEM for each in subject.inventory.packages.values())
        return none_of(
            found,
            "{} packages and programs of this kind are in the image",
            f"none is among {systems} packages of the system and {len(subject.rootfs)} paths",
        )

    return Check(
        id=name,
        title=title,
        reads="packages of the system; names of executable files",
        fix=fix,
        command=f"find . -type f -perm /111 \\( {listed} \\)" if listed else "dpkg-query -W",
        decide=decide,
    )


def _packages(subject: Subject, names: Collection[str]) -> Iterator[Evidence]:
    for package in subject.inventory.packages.values():
        if package.ecosystem in SYSTEM and package.name in names:
            yield Evidence(str(package.record), package.purl)


def _programs(subject: Subject, names: Collection[str]) -> Iterator[Evidence]:
    for entry in subject.rootfs:
        if (
            last(entry.path) in names
            and entry.is_executable
            and any(place in entry.path for place in _PLACES)
        ):
            yield Evidence(str(entry.path), "executable file")
