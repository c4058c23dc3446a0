"""What the fleet's store knows of a vulnerability in the images of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from careen.errors import InputError
from careen.fleet.ask.what import Vulnerability, read_what
from careen.fleet.store.images import StoredImage
from careen.fleet.store.place import opened
from careen.fleet.store.reader import Reader
from careen.model.fleet.question import Filters, Hit
from careen.oci.reference import full_name
from careen.pipeline.fleet.who_has import ask
from careen.pipeline.incidents.affected import Affected, Exposure
from careen.pipeline.watching.image_list import Watched


def exposure(place: str, identifier: str, db: Path, listed: Sequence[Watched]) -> Exposure:
    """Ask the store at `place` and the advisories which images have a vulnerability.

    An entry is affected by its result; by its source, if nothing is known of a result. Of several
    images that had a name, the one with the newest inventory counts. Raises as `who_has`, and
    InputError for anything but a vulnerability.
    """
    what = read_what(identifier)
    if not isinstance(what, Vulnerability):
        msg = f"{identifier!r}: an incident is about a vulnerability, such as CVE-2021-44228"
        raise InputError(msg)
    hits: dict[str, Hit] = {}
    affected: list[Affected] = []
    unanswered: list[str] = []
    made: set[str] = set()
    with opened(place, write=False) as database, database.reading():
        reader = Reader(database)
        found = ask(reader, (identifier, what), Filters(), db)
        for hit in found.hits:  # the strongest use comes first
            hits.setdefault(hit.image, hit)
        names = _Names(reader, hits, found.unknown_images)
        for watched in listed:
            seen = [names.answer(name) for name in (watched.tag, watched.source)]
            made |= seen[0].digests | seen[1].digests
            strongest = seen[0].hit or (seen[1].hit if not seen[0].is_known else None)
            if strongest is not None:
                affected.append(_affected(watched.tag, strongest, watched))
            elif not (seen[0].is_known or (not seen[0].digests and seen[1].is_known)):
                unanswered.append(watched.tag)
    others = (hit for digest, hit in hits.items() if digest not in made)
    affected.extend(_affected(hit.name or hit.image, hit, None) for hit in others)
    unknown = sum(each.images for each in found.not_known)
    return Exposure(tuple(affected), tuple(unanswered), unknown)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is known of a name: a hit; or that its image is clean (`is_known` without a hit).

    `digests` are those of all images that had the name, none if the store has no such image.
    """

    digests: frozenset[str] = frozenset()
    hit: Hit | None = None
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class _Names:
    """Images of the store by the names of a list."""

    reader: Reader
    hits: dict[str, Hit]
    unknown: frozenset[str]

    def answer(self, name: str) -> _Seen:
        """Return what is known of the newest image of a name."""
        images = sorted(self._images(name), key=_age)
        if not images:
            return _Seen()
        digests, newest = frozenset(image.digest for image in images), images[-1].digest
        if newest in self.hits:
            return _Seen(digests, self.hits[newest], is_known=True)
        return _Seen(digests, is_known=newest not in self.unknown)

    def _images(self, name: str) -> list[StoredImage]:
        numbers = {number for text in _spellings(name) for number in self.reader.named(text)}
        return list(self.reader.images(numbers).values())


def _spellings(name: str) -> set[str]:
    """Return a name as tools write it: with and without Docker Hub's parts and `latest`."""
    plain = name.removeprefix("docker://")
    full = full_name(plain)
    short = full.removeprefix("docker.io/").removeprefix("library/")
    return {name, plain, full, short, short.removesuffix(":latest")}


def _age(image: StoredImage) -> tuple[bool, str, int]:
    """Return a key that sorts by the time of the inventory; without a time it is the oldest."""
    return image.inventory[:1].isdigit(), image.inventory, image.id


def _affected(name: str, hit: Hit, watched: Watched | None) -> Affected:
    return Affected(name, hit.grade.value, None if hit.ports is None else bool(hit.ports), watched)
