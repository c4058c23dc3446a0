"""What the fleet's store knows of a vulnerability in the images of a list."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from careen.fleet.ask.what import read_what
from careen.fleet.store.images import StoredImage
from careen.fleet.store.place import opened
from careen.fleet.store.reader import Reader
from careen.model.fleet.question import Filters, Hit
from careen.oci.reference import full_name
from careen.pipeline.fleet.who_has import who_has
from careen.pipeline.incidents.affected import Affected, Exposure
from careen.pipeline.watching.image_list import Watched


def exposure(place: str, identifier: str, db: Path, listed: Sequence[Watched]) -> Exposure:
    """Ask the store at `place` and the advisories which images have a vulnerability.

    Of several images that had a name, the one with the newest inventory counts. Raises as
    `who_has`.
    """
    found = who_has(place, (identifier, read_what(identifier)), Filters(), db)
    hits: dict[str, Hit] = {}
    for hit in found.hits:  # the strongest use comes first
        hits.setdefault(hit.image, hit)
    affected: list[Affected] = []
    clean: list[str] = []
    matched: set[str] = set()
    with opened(place, write=False) as database, database.reading():
        reader = Reader(database)
        for name in (name for watched in listed for name in (watched.tag, watched.source)):
            newest, older = _named(name, reader)
            matched |= older
            if newest is None:
                continue
            if newest.digest in hits:
                affected.append(_affected(name, hits[newest.digest]))
            elif newest.inventory:
                clean.append(name)
    others = (hit for digest, hit in hits.items() if digest not in matched)
    affected.extend(_affected(hit.name or hit.image, hit) for hit in others)
    return Exposure(tuple(affected), tuple(clean), sum(each.images for each in found.not_known))


def _named(name: str, reader: Reader) -> tuple[StoredImage | None, set[str]]:
    """Return the newest image of a name, and the digests of all that had it."""
    plain = name.removeprefix("docker://")
    found: Mapping[int, str] = {
        number: digest
        for text in dict.fromkeys((name, plain, full_name(plain)))
        for number, digest in reader.named(text).items()
    }
    images = sorted(reader.images(found).values(), key=lambda image: (image.inventory, image.id))
    return (images[-1] if images else None), set(found.values())


def _affected(name: str, hit: Hit) -> Affected:
    return Affected(name, hit.grade.value, None if hit.ports is None else bool(hit.ports))
