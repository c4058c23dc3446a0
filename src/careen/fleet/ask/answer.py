"""The answer to a question: which images, how strongly, and of which it is not known."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from careen.errors import InputError
from careen.fleet.ask.ages import list_ages
from careen.fleet.store.port import Row
from careen.fleet.store.reader import Place, Reader
from careen.model.fleet.facts import Usage
from careen.model.fleet.grade import Grade
from careen.model.fleet.question import Answer, Filters, Hit, Unknown

_EXAMPLES = 3
STRANGE = "it runs in a cluster, and the store has nothing else of it"
UNVERIFIED = "unverified"
PARTLY_READ = "its inventory names packages or files that could not be read"
NO_INVENTORY = "no inventory (SBOM) of the image is known"
UNKNOWN_USE = "it is there, and its use is unknown: {}"
UNKNOWN_LISTENER = "it is there, and whether its program listens is unknown"
_NOT_KNOWN, _PRESENT = Usage(Grade.NOT_KNOWN, ports=None), Usage(Grade.PRESENT)


@dataclass(slots=True)
class Matches:
    """What the store has for a question, before grades and filters.

    `purls` names packages by number, with their versions. `usages` are known uses by image and
    package. `unclear` maps an image to why the question could not be decided for it. `files`: it is
    about files, so an inventory alone proves no absence.
    """

    places: list[Place]
    purls: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    usages: Mapping[tuple[int, int | str], Usage] = field(default_factory=dict)
    unclear: dict[int, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    files: bool = False


def answer(
    question: str,
    matches: Matches,
    filters: Filters,
    reader: Reader,
    now: dt.datetime,
    *,
    name_unknown: bool = True,
) -> Answer:
    """Return the answer of what matched; `unknown_images` is left empty unless they are named.

    Raises InputError for an unknown base image.
    """
    return _Answering(matches, filters, reader, now).run(question, name_unknown=name_unknown)


class _Answering:
    """One answer; every image is a hit, not known, or neither."""

    def __init__(
        self, matches: Matches, filters: Filters, reader: Reader, now: dt.datetime
    ) -> None:
        self._matches = matches
        self._filters = filters
        self._reader = reader
        self._now = now
        self._unknown: dict[str, set[int]] = {}
        self._partly: set[int] = set()
        self._running = reader.running()
        if filters.running and not self._running.lists:
            msg = (
                "--running: the store has no list of running pods; index one that `kubectl get pods"
                " -A -o json` printed, or ask a cluster with `careen fleet index --cluster`"
            )
            raise InputError(msg)
        self._signed = reader.signed_by(filters.signer) if filters.signer else None
        self._verdicts = reader.verdicts() if filters.state else {}
        self._limited = bool(filters.base or filters.running or filters.state)
        self._scope: set[int] | None = None
        self._scope = self._base()

    def run(self, question: str, *, name_unknown: bool) -> Answer:
        places = self._matches.places
        if self._limited:
            places = [place for place in places if self._is_asked(place.image)]
        if self._signed is not None:
            places = [place for place in places if place.image in self._signed]
        count = self._reader.count()
        if self._filters.grade is not None or self._filters.listening:
            places = self._of_use(places, count)
        numbers = {place.image for place in places}
        images = self._reader.image_rows(numbers, walk=len(numbers) > count // 2)
        hits = self._hits(places, images)
        hits.sort(key=_order)
        found = numbers & images.keys()
        self._add_unknown(found)
        return Answer(
            question,
            count,
            len(found),
            tuple(hits),
            tuple(self._told(found)),
            (
                *self._matches.notes,
                *self._partly_read(),
                *list_ages(self._running.lists, self._now),
            ),
            self._unknown_images(found) if name_unknown else frozenset(),
        )

    def _of_use(self, places: Sequence[Place], count: int) -> list[Place]:
        """Return the places that are used as is asked, and note those of which it is not known."""
        filters, usages = self._filters, self._matches.usages
        numbers = {place.image for place in places}
        unseen = self._reader.unseen_in(numbers, walk=len(numbers) > count // 2)
        kept: list[Place] = []
        unknown: dict[str, set[int]] = {}
        for place in places:
            if (blind := unseen.get(place.image)) is None:
                continue
            usage, why = _use(place.usage or usages.get((place.image, place.what)), blind)
            if filters.grade is not None and not usage.grade.at_least(filters.grade):
                if why:  # what was seen is the least
                    unknown.setdefault(UNKNOWN_USE.format(why), set()).add(place.image)
            elif not filters.listening or usage.ports:
                kept.append(place)
            elif usage.ports is None or why:  # without ports by what was seen alone
                unknown.setdefault(UNKNOWN_LISTENER, set()).add(place.image)
        for why, found in unknown.items():
            self._add(why, found)
        return kept

    def _hits(self, places: Iterable[Place], images: Mapping[int, Row]) -> list[Hit]:
        """Return what is printed of places. An answer can have one for each image of the store."""
        purls, usages = self._matches.purls, self._matches.usages
        counts = self._running.containers if self._running.lists else None
        hits: list[Hit] = []
        for number, what, path, known in places:
            if (image := images.get(number)) is None:
                continue
            _, digest, name, inventory, profile, unseen, verdict, signer = image
            usage, why = _use(known or usages.get((number, what)), unseen)
            text, version = purls[what] if type(what) is int else (str(what), "")
            hits.append(
                Hit(
                    digest,
                    name,
                    text,
                    version,
                    path if path != "/" else "",
                    usage.grade,
                    usage.workload,
                    usage.program,
                    usage.ports,
                    why,
                    inventory,
                    profile,
                    verdict or UNVERIFIED,
                    None if counts is None else counts.get(number, 0),
                    "",
                    signer,
                )
            )
        return hits

    def _add_unknown(self, found: set[int]) -> None:
        matches, filters, reader = self._matches, self._filters, self._reader
        if self._signed is not None:
            why = (
                f"what is known of it is not signed, or not all of it, by {filters.signer}, as its"
                " signatures were last checked"
            )
            self._add(why, reader.numbers() - self._signed)
        for number, why in matches.unclear.items():
            self._add(why, (number,))
        if not matches.files:
            for partial, numbers in reader.without_inventory().items():
                self._add(partial or NO_INVENTORY, numbers)
            self._partly = reader.partly_read()
            self._add(PARTLY_READ, self._partly)
            if filters.max_age is not None:
                limit = self._now - dt.timedelta(days=filters.max_age)
                old = reader.inventoried_before(limit.strftime("%Y-%m-%dT%H:%M:%SZ"))
                self._add(
                    f"the inventory is older than {filters.max_age} days, or has no date", old
                )
        elif filters.grade is not None or filters.listening:
            for why, numbers in reader.unseen().items():
                self._add(why, numbers)
        else:
            self._add("only used files are known", reader.numbers() - found)

    def _add(self, why: str, numbers: Iterable[int]) -> None:
        if self._limited:
            numbers = [number for number in numbers if self._is_asked(number)]
        self._unknown.setdefault(why, set()).update(numbers)

    def _told(self, found: set[int]) -> Iterable[Unknown]:
        """Yield the images without an answer, each with its first reason alone."""
        seen = set(found)
        for why, numbers in self._unknown.items():
            left = numbers - seen
            seen |= left
            if left:
                some = self._reader.images(sorted(left)[:_EXAMPLES]).values()
                yield Unknown(why, len(left), tuple(sorted(image.name for image in some)))
        if strange := self._running.strange:
            yield Unknown(STRANGE, len(strange), strange[:_EXAMPLES])

    def _unknown_images(self, found: set[int]) -> frozenset[str]:
        numbers = {number for numbers in self._unknown.values() for number in numbers} - found
        return frozenset({*self._reader.digests(numbers), *self._running.strange})

    def _partly_read(self) -> Iterator[str]:
        if count := len(self._partly):
            names = "1 inventory names" if count == 1 else f"{count:,} inventories name"
            yield f"{names} packages or files that could not be read: what they hold is not known"

    def _base(self) -> set[int] | None:
        """Return the images on the base that is asked for, and mark those that may be."""
        if not self._filters.base:
            return None
        layers = self._reader.layers(self._filters.base)
        if not layers:
            msg = (
                f"--base {self._filters.base!r}: the store knows no layers of such an image; index"
                " a profile (RBOM) of it first, and name it by its digest or name"
            )
            raise InputError(msg)
        unknown = self._reader.numbers() - self._reader.with_layers()
        self._add("its layers are not known, so neither is its base image", unknown)
        return self._reader.based_on(layers)

    def _is_asked(self, number: int) -> bool:
        """Return whether an image meets the filters that are about whole images."""
        filters = self._filters
        return (
            (self._scope is None or number in self._scope)
            and (not filters.running or number in self._running.containers)
            and (not filters.state or self._verdicts.get(number, UNVERIFIED) == filters.state)
        )


def _use(known: Usage | None, unseen: str) -> tuple[Usage, str]:
    """Return the use of a place, and why it is not known, or may be stronger."""
    if known is None:
        return (_NOT_KNOWN, unseen) if unseen else (_PRESENT, "")
    if known.grade is Grade.NOT_KNOWN:
        return known, unseen or "its files are not known"
    return known, "" if known.grade is Grade.EXECUTED else unseen


def _order(hit: Hit) -> str:
    """Return a text that sorts a hit: two texts compare much faster than two tuples."""
    first = f"{9 - hit.grade.number}{'0' if hit.ports else '1'}"
    return f"{first}\0{hit.name}\0{hit.image}\0{hit.what}\0{hit.path}"
