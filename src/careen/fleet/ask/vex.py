"""What VEX says of an answer about a vulnerability. It takes no image out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from careen.fleet.store.port import Database
from careen.fleet.store.vex import vex_of
from careen.model.fleet.question import Answer, Hit
from careen.model.packages.purls import read_purl


def with_vex(answer: Answer, identifier: str, database: Database) -> Answer:
    """Return an answer with what VEX says of each hit, and a note of how many."""
    said = vex_of(database, identifier)
    if not said:
        return answer
    hits = tuple(_said(hit, said) for hit in answer.hits)
    images = {hit.image for hit in hits if hit.vex}
    if not images:
        return answer
    count = "1 image is" if len(images) == 1 else f"{len(images):,} images are"
    note = f"{count} stated as not affected or fixed by VEX, and listed all the same"
    return replace(answer, hits=hits, notes=(*answer.notes, note))


def _said(hit: Hit, said: Mapping[str, Sequence[tuple[str, str]]]) -> Hit:
    words = (words for package, words in said.get(hit.image, ()) if _is_about(package, hit.what))
    return hit._replace(vex=next(words, ""))


def _is_about(package: str, what: str) -> bool:
    """Return whether a statement about a package (a purl, "" for all) is about a package."""
    if package in ("", what):
        return True
    stated, own = read_purl(package), read_purl(what)
    if stated is None or own is None:
        return False
    return stated.identity == own.identity and stated.version in ("", own.version)
