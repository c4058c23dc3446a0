"""An image whose documents come one after the other: what they say together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from careen.fleet.prepared import PreparedImage
from careen.fleet.texts import indexed
from careen.model.fleet.facts import ImageFacts, Known
from careen.pipeline.fleet.documents import OTHER, Document
from careen.pipeline.fleet.facts import NOT_READ, called, facts_of, newest


@dataclass(frozen=True, slots=True)
class Called:
    """All digests and names by which the store knows an image, as `indexed` gives them."""

    digests: frozenset[str]
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Joined:
    """An image, joined with the one document that was read of it just before.

    It holds if the store has just `before` of the image (SHA-256 and signers), and knows it as
    `called`.
    """

    before: Mapping[bytes, frozenset[str]]
    called: Called
    image: PreparedImage


def join(given: ImageFacts, documents: Sequence[Document], stored: Called) -> ImageFacts:
    """Return what the documents of an image say together, stored ones first.

    `given` is what the new ones say alone, `stored` how the store knows the image.
    """
    current, older = newest(each for each in documents if each.kind != OTHER)
    facts = facts_of(_accepted(given.known, current, stored), current)
    partial = facts.partial or (NOT_READ if given.partial == NOT_READ else "")
    return replace(facts, partial=partial, older=tuple(each.stored for each in older))


def _accepted(known: Known, documents: Sequence[Document], stored: Called) -> Known:
    """Return what an image is called, without what a stored document only claims."""
    # What is attached to an image may state digests and names of others. What documents state
    # of their own image was accepted when they were put.
    claimed = called(known, documents)
    return replace(
        claimed,
        digests=_known(claimed.digests, {*stored.digests, *map(indexed, known.digests)}),
        names=_known(claimed.names, {*stored.names, *map(indexed, known.names)}),
        closed=True,
    )


def _known(claimed: Sequence[str], accepted: Collection[str]) -> tuple[str, ...]:
    return tuple(each for each in claimed if indexed(each) in accepted)


def called_as(known: Known) -> Called:
    """Return how a store knows an image that it gets as the first one of its digests."""
    return Called(
        frozenset(map(indexed, filter(None, known.digests))),
        frozenset(map(indexed, filter(None, known.names))),
    )
