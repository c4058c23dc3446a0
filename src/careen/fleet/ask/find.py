"""What the store has for a package range, a file's digest or a glob."""

from collections.abc import Iterable

from careen.errors import InputError
from careen.fleet.ask.answer import Matches
from careen.fleet.ask.globs import literal_name, matcher
from careen.fleet.ask.what import FileDigest, FileGlob, PackageRange
from careen.fleet.store.reader import FoundPackage, Place, Reader
from careen.formats.versions import UnreadableVersionError

MAX_PATHS = 200_000
"""Paths that one glob may match; a wider one names most files of the fleet."""
_NAMED = 3


def find_packages(what: PackageRange, reader: Reader) -> Matches:
    """Return where versions of a range are, and the images whose version cannot be compared."""
    wanted: list[FoundPackage] = []
    unread: list[FoundPackage] = []
    others: set[str] = set()
    for package in reader.packages(what.kind, what.name):
        if not what.names(package.namespace, package.purl):
            others.add(package.purl.partition("?")[0].rpartition("@")[0])
            continue
        try:
            if what.has(package.version):
                wanted.append(package)
        except UnreadableVersionError:
            unread.append(package)
    matches = matches_of(wanted, reader)
    for place in reader.containing([package.id for package in unread]):
        matches.unclear[place.image] = "its version cannot be compared with the range"
    if others:
        # Without a group, or with one that is mistyped, a question would find nothing.
        some = ", ".join(sorted(others)[:_NAMED]) + (" and others" if len(others) > _NAMED else "")
        matches.notes.append(f"not counted, as they are other packages of this name: {some}")
    return matches


def matches_of(packages: Iterable[FoundPackage], reader: Reader) -> Matches:
    """Return where packages are, with their known uses."""
    by_number = {package.id: package for package in packages}
    numbers = list(by_number)
    return Matches(
        reader.containing(numbers),
        {number: (package.purl, package.version) for number, package in by_number.items()},
        reader.using(numbers),
    )


def find_files(what: FileDigest | FileGlob, reader: Reader) -> Matches:
    """Return where files are. Raises InputError for a glob that matches too many paths."""
    if isinstance(what, FileDigest):
        return Matches(reader.files(what.sha256), files=True)
    begins, whole = literal_name(what.glob)
    fits = matcher(what.glob)
    numbers = [number for number, path in reader.paths(begins, whole=whole) if fits(path)]
    if len(numbers) > MAX_PATHS:
        msg = (
            f"--file {what.glob[:200]!r}: matches {len(numbers):,} paths of the fleet, more than"
            f" the {MAX_PATHS:,} that are followed; name more of the path"
        )
        raise InputError(msg)
    return Matches(_best(reader.at_paths(numbers)), files=True)


def _best(places: Iterable[Place]) -> list[Place]:
    """Return one place for each path of an image: a used file says more than a record."""
    found: dict[tuple[int, str], Place] = {}
    for place in places:
        key = (place.image, place.path)
        if key not in found or (found[key].usage is None and place.usage is not None):
            found[key] = place
    return list(found.values())
